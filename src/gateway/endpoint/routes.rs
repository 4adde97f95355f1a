//! From a request's path to its answer.

use super::completion::{
    self, Asked, Completion, FINGERPRINT, Usage, WORDS, chat_choice, text_choice,
};
use super::stream::{Events, Pauses};
use super::{Endpoint, EndpointBody, created};
use crate::clock::Tick;
use crate::gateway::problem::{Problem, json};
use crate::gateway::server::HangUp;
use crate::gateway::service::FaultKind;
use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};

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

/// Why a request is not answered as asked.
enum Refusal {
    Problem(Problem),
    HangUp,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        Refusal::Problem(problem)
    }
}

/// Answers one request that came at `arrival`.
pub(super) async fn answer(
    endpoint: &Endpoint,
    request: Request<Incoming>,
    arrival: Tick,
) -> Result<Response<EndpointBody>, HangUp> {
    let (path, method) = (request.uri().path(), request.method());
    let Some(route) = Route::of(path) else {
        let message = format!("there is no {method} {path} here");
        let problem = Problem::invalid(StatusCode::NOT_FOUND, "not_found", message);
        return Ok(whole(problem.response()));
    };
    if !route.allows(method) {
        let message = format!("{path} does not take {method}");
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let mut response = Problem::invalid(status, "method_not_allowed", message).response();
        response.headers_mut().insert(ALLOW, route.allowed());
        return Ok(whole(response));
    }
    Ok(match route {
        Route::Health => whole(json(StatusCode::OK, &serde_json::json!({"status": "ok"}))),
        Route::Models => whole(json(StatusCode::OK, &completion::models(created()))),
        Route::Chat | Route::Completions | Route::Embeddings => {
            match generate(endpoint, route, request, arrival).await {
                Ok(response) => response,
                Err(Refusal::Problem(problem)) => whole(problem.response()),
                Err(Refusal::HangUp) => return Err(HangUp),
            }
        }
    })
}

async fn generate(
    endpoint: &Endpoint,
    route: Route,
    request: Request<Incoming>,
    arrival: Tick,
) -> Result<Response<EndpointBody>, Refusal> {
    let asked = read(request.into_body()).await?;
    // Only now, so that a server is not kept busy by requests that are never completed.
    let served = endpoint.admit(arrival);
    if served.fault == Some(FaultKind::Hang) {
        // Until the client leaves: this future goes with its connection.
        return std::future::pending().await;
    }
    endpoint.pacer.sleep_until(served.due).await;
    match served.fault {
        None | Some(FaultKind::Hang) => Ok(generated(endpoint, route, &asked)),
        Some(FaultKind::Cut) => Ok(generated(endpoint, route, &asked).map(EndpointBody::cut)),
        Some(FaultKind::Reset) => Err(Refusal::HangUp),
        Some(FaultKind::Status(status)) => Ok(whole(failed(status))),
    }
}

/// An error answer on purpose.
fn failed(status: StatusCode) -> Response<Bytes> {
    let (kind, code) = if status == StatusCode::TOO_MANY_REQUESTS {
        ("requests", "rate_limit_exceeded")
    } else if status.is_client_error() {
        ("invalid_request_error", "injected_fault")
    } else {
        ("server_error", "injected_fault")
    };
    let problem = Problem {
        status,
        kind,
        code,
        message: format!("the endpoint was told to fail some requests with {status}"),
    };
    let mut response = problem.response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        let seconds = HeaderValue::from_static("1");
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

fn generated(endpoint: &Endpoint, route: Route, asked: &Asked) -> Response<EndpointBody> {
    let usage = Usage::of(asked.bytes, WORDS.len() as u64);
    let model = asked.model.as_str();
    match route {
        Route::Chat if asked.stream => {
            let usage = asked.include_usage.then_some(usage);
            let pauses = Pauses::new(&endpoint.pacer, endpoint.stream_gap);
            events(Events::new(&chat_id(endpoint), model, usage, pauses))
        }
        Route::Embeddings => {
            let usage = Usage::of(asked.bytes, 0);
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
    }
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

/// What the request asks for. Its body is not kept while it waits to be answered.
async fn read(body: Incoming) -> Result<Asked, Problem> {
    let body = collected(body).await?;
    Asked::read(&body).map_err(|e| {
        Problem::invalid(
            StatusCode::BAD_REQUEST,
            "invalid_json",
            format!("the body is not a JSON object as expected: {e}"),
        )
    })
}

/// The request's body, if it is not too large.
async fn collected(body: Incoming) -> Result<Bytes, Problem> {
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
    response.map(EndpointBody::whole)
}

fn events(events: Events) -> Response<EndpointBody> {
    let mut response = Response::new(EndpointBody::events(events));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
