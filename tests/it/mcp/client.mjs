// Drives the official client of the Model Context Protocol: reads a line of JSON for each step, and answers each by one.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const sdk = (name) => import(pathToFileURL(`${process.argv[2]}/dist/esm/client/${name}.js`).href);
const { Client } = await sdk('index');
const { StreamableHTTPClientTransport } = await sdk('streamableHttp');
const { StdioClientTransport } = await sdk('stdio');

const clients = new Map();

const transport = ({ http, stdio }) =>
  http
    ? new StreamableHTTPClientTransport(new URL(http.url), {
        requestInit: { headers: { Authorization: `Bearer ${http.token}` } },
      })
    : new StdioClientTransport({ ...stdio, stderr: 'inherit' });

async function step({ open, client, method, params, ...how }) {
  if (open) {
    const made = new Client({ name: `test-${open}`, version: '1.0.0' });
    await made.connect(transport(how));
    clients.set(open, made);
    return { server: made.getServerVersion(), instructions: made.getInstructions() };
  }
  return (await clients.get(client)[method](params)) ?? null;
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { good: await step(JSON.parse(line)) };
  } catch (error) {
    answer = { fault: { code: error.code ?? null, message: String(error.message ?? error) } };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await Promise.all([...clients.values()].map((client) => client.close()));
