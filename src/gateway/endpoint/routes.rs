//! From a request's path to its answer.

use super::completion::{
    self, Asked, Completion, FINGERPRINT, Usage, WORDS, chat_choice, text_choice,
};
use super::stream::Events;
use super::{Endpoint, EndpointBody, created};
use crate::gateway::problem::{Problem, json};
use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use tokio::time::Instant;

/// The largest request body, in bytes. Real prompts with pictures have several MB.
const MAX_BODY: usize = 64 << 20;

#[derive(Clone, Copy)]
enum Route {
    Health,
    Models,
    Chat,
    Completions,
    Embeddings,
}

impl Route {
    fn of(path: &str) -> Option<Route> {
        match path {
            "/health" => Some(Route::Health),
            "/models" | "/v1/models" => Some(Route::Models),
            _ if path.ends_with("/chat/completions") => Some(Route::Chat),
            _ if path.ends_with("/completions") => Some(Route::Completions),
            _ if path.ends_with("/embeddings") => Some(Route::Embeddings),
            _ => None,
        }
    }

    fn allows(self, method: &Method) -> bool {
        match self {
            Route::Health | Route::Models => method == Method::GET || method == Method::HEAD,
            Route::Chat | Route::Completions | Route::Embeddings => method == Method::POST,
        }
    }

    fn allowed(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Route::Health | Route::Models => "GET, HEAD",
            Route::Chat | Route::Completions | Route::Embeddings => "POST",
        })
    }
}

/// Answers one request that came at `arrival`.
pub(super) async fn answer(
    endpoint: &Endpoint,
    request: Request<Incoming>,
    arrival: Instant,
) -> Response<EndpointBody> {
    let (path, method) = (request.uri().path(), request.method());
    let Some(route) = Route::of(path) else {
        let message = format!("there is no {method} {path} here");
        return whole(Problem::invalid(StatusCode::NOT_FOUND, "not_found", message).response());
    };
    if !route.allows(method) {
        let message = format!("{path} does not take {method}");
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let mut response = Problem::invalid(status, "method_not_allowed", message).response();
        response.headers_mut().insert(ALLOW, route.allowed());
        return whole(response);
    }
    match route {
        Route::Health => whole(json(StatusCode::OK, &serde_json::json!({"status": "ok"}))),
        Route::Models => whole(json(StatusCode::OK, &completion::models(created()))),
        Route::Chat | Route::Completions | Route::Embeddings => {
            generate(endpoint, route, request, arrival)
                .await
                .unwrap_or_else(|problem| whole(problem.response()))
        }
    }
}

async fn generate(
    endpoint: &Endpoint,
    route: Route,
    request: Request<Incoming>,
    arrival: Instant,
) -> Result<Response<EndpointBody>, Problem> {
    let body = read(request.into_body()).await?;
    let asked: Asked<'_> = serde_json::from_slice(&body).map_err(|e| {
        Problem::invalid(
            StatusCode::BAD_REQUEST,
            "invalid_json",
            format!("the body is not a JSON object as expected: {e}"),
        )
    })?;
    endpoint.delay(arrival).await;
    let usage = Usage::of(body.len(), WORDS.len() as u64);
    let model = asked.model();
    Ok(match route {
        Route::Chat if asked.stream() => {
            let usage = asked.include_usage().then_some(usage);
            events(Events::new(
                &chat_id(endpoint),
                model,
                usage,
                endpoint.config.stream_gap,
            ))
        }
        Route::Embeddings => {
            let usage = Usage::of(body.len(), 0);
            whole(json(StatusCode::OK, &completion::embeddings(model, usage)))
        }
        Route::Completions => whole(json(
            StatusCode::OK,
            &completed(
                format!("cmpl-{:016x}", endpoint.number()),
                "text_completion",
                model,
                text_choice(),
                usage,
            ),
        )),
        Route::Chat | Route::Health | Route::Models => whole(json(
            StatusCode::OK,
            &completed(
                chat_id(endpoint),
                "chat.completion",
                model,
                chat_choice(),
                usage,
            ),
        )),
    })
}

fn completed<'a, Choice>(
    id: String,
    object: &'static str,
    model: &'a str,
    choice: Choice,
    usage: Usage,
) -> Completion<'a, Choice> {
    Completion {
        id,
        object,
        created: created(),
        model,
        system_fingerprint: FINGERPRINT,
        choices: [choice],
        usage,
    }
}

fn chat_id(endpoint: &Endpoint) -> String {
    format!("chatcmpl-{:016x}", endpoint.number())
}

/// The request's body, if it is not too large.
async fn read(body: Incoming) -> Result<Bytes, Problem> {
    let too_large = || {
        Problem::invalid(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("the body is larger than {} MiB", MAX_BODY >> 20),
        )
    };
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(too_large());
    }
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(error) => Err(Problem::invalid(
            StatusCode::BAD_REQUEST,
            "body_incomplete",
            format!("the body did not arrive whole: {error}"),
        )),
    }
}

fn whole(response: Response<Bytes>) -> Response<EndpointBody> {
    response.map(|bytes| Either::Left(Full::new(bytes)))
}

fn events(events: Events) -> Response<EndpointBody> {
    let mut response = Response::new(Either::Right(events));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
