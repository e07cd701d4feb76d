# Builds the one binary and puts it into a small image that runs as nobody in particular.
#
#   docker build -t stationmaster .
#   docker run -p 3000:3000 -v stationmaster:/data --env-file stationmaster.env stationmaster

FROM rust:1.95-bookworm AS dependencies
WORKDIR /build
# What rarely changes is built first, with nothing of our own in it, so that this layer is kept between builds.
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src benches/table tests/it \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && for bench in table/main; do echo 'fn main() {}' > "benches/$bench.rs"; done \
    && touch tests/it/main.rs \
    && cargo build --release --locked --bin stationmaster

FROM dependencies AS build
COPY .askama.toml ./
COPY migrations migrations
COPY rules rules
COPY app-manifest.yml ./
COPY src src
# Cargo looks at times, and those of the sources may be older than those of the empty ones above.
RUN find src -name '*.rs' -exec touch {} + \
    && cargo build --release --locked --bin stationmaster

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin stationmaster \
    && install --directory --owner 10001 --group 10001 --mode 0750 /data
COPY --from=build /build/target/release/stationmaster /usr/local/bin/stationmaster
# What is in the binary, in CycloneDX's form, for scanners.
COPY docs/reference/sbom.cdx.json /usr/share/doc/stationmaster/sbom.cdx.json
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV HOST=0.0.0.0 \
    PORT=3000 \
    DATABASE_URL=sqlite:///data/stationmaster.db \
    LOG_FORMAT=json
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s --retries=3 CMD ["stationmaster", "healthcheck"]
ENTRYPOINT ["stationmaster"]
CMD ["serve"]
