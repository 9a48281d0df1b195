//! What is asked of traces, whether the program was built with them or not.

/// The variables that name an endpoint (OpenTelemetry's OTLP exporter specification).
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// A request, as a trace names it.
#[derive(Clone, Copy, Debug)]
pub struct TracedRequest<'a> {
    pub method: &'a str,
    /// As the router has it; none for a path that is not served.
    pub route: Option<&'a str>,
    pub path: &'a str,
    pub scheme: &'static str,
}

/// The variable that asks for traces, if one does.
pub fn asked_by() -> Option<&'static str> {
    ENDPOINTS
        .into_iter()
        .find(|name| std::env::var(name).is_ok_and(|value| !value.is_empty()))
}
