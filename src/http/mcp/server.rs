//! The protocol's requests: who we are, which tools and resources there are, and what comes of calling and reading them.

use axum::http::request::Parts;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CustomRequest, CustomResult, DiscoverResult, ErrorCode,
    Implementation, InitializeRequestParams, InitializeResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities,
    ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};

use super::inner::Inner;
use super::{answer, arguments, catalogue, guide, resources, waiting};
use crate::http::api::auth::{self, Caller};

/// Methods whose parameters have a form; one that is asked with another form ends as an unknown method otherwise.
const FORMS: [(&str, &str); 2] =
    [("tools/call", "`name` should be a text and `arguments` an object"), ("resources/read", "`uri` should be a text")];

/// Answers one message.
pub(super) struct Agents {
    inner: Inner,
}

impl Agents {
    pub(super) const fn new(inner: Inner) -> Self {
        Self { inner }
    }

    async fn call(&self, message: &Parts, caller: &Caller, asked: CallToolRequestParams) -> Option<CallToolResult> {
        let tool = catalogue::named(&asked.name)?;
        if !tool.admits.admits(&caller.scope) {
            return Some(answer::forbidden(&auth::not_admitted(self.inner.door(), caller, tool.admits)));
        }
        let asked = match arguments::read(tool, caller, asked.arguments.unwrap_or_default()) {
            Ok(asked) => asked,
            Err(sentence) => return Some(answer::unclear(&sentence)),
        };
        Some(match self.inner.call(message, &asked.call).await {
            Ok(found) if tool.is_decided_later => {
                let found = waiting::decided(&self.inner, message, (found, asked.patience_s)).await;
                answer::result(&found, &asked.about)
            }
            Ok(found) => answer::result(&found, &asked.about),
            Err(sentence) => answer::unclear(&sentence),
        })
    }
}

impl ServerHandler for Agents {
    fn get_info(&self) -> ServerConfig {
        let can = ServerCapabilities::builder().enable_tools().enable_resources().build();
        let name = Implementation::new("stationmaster", env!("CARGO_PKG_VERSION")).with_title("Stationmaster");
        ServerConfig::new(can).with_server_info(name)
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        let (_, caller) = of(&context)?;
        Ok(self.negotiate_initialize(&request)?.with_instructions(guide::instructions(&caller.scope)))
    }

    async fn discover(&self, context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let (_, caller) = of(&context)?;
        let info = self.get_info().with_instructions(guide::instructions(&caller.scope));
        Ok(DiscoverResult::from_server_info(self.supported_protocol_versions().into_owned(), info))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let (_, caller) = of(&context)?;
        let shown = |tool: &'static catalogue::Tool| {
            Tool::new(tool.name.as_str(), tool.says.as_str(), arguments::schema(tool, &caller.scope))
                .with_annotations(tool.effect.hints())
        };
        Ok(ListToolsResult::with_all_items(catalogue::of(caller).map(shown).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let (message, caller) = of(&context)?;
        match self.call(message, caller, request).await {
            Some(result) => Ok(result.into()),
            None => Err(ErrorData::invalid_params("There is no tool of this name; tools/list names all.", None)),
        }
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let (message, caller) = of(&context)?;
        Ok(ListResourcesResult::with_all_items(resources::own(&self.inner, message, caller).await?))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let (_, caller) = of(&context)?;
        Ok(ListResourceTemplatesResult::with_all_items(resources::templates(caller)))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let (message, _) = of(&context)?;
        Ok(resources::read(&self.inner, message, &request.uri).await?.into())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        Err(match FORMS.iter().find(|(method, _)| *method == request.method) {
            Some((method, form)) => ErrorData::invalid_params(format!("In the params of {method}, {form}."), None),
            None => ErrorData::new(ErrorCode::METHOD_NOT_FOUND, "There is no such method here.", None),
        })
    }
}

/// The message as it came, and whose it is.
fn of(context: &RequestContext<RoleServer>) -> Result<(&Parts, &Caller), ErrorData> {
    let message = context.extensions.get::<Parts>();
    message
        .and_then(|message| Some((message, message.extensions.get::<Caller>()?)))
        .ok_or_else(|| ErrorData::internal_error("It is not known whose message this is.", None))
}
