//! What every HTTP client of the program begins with.

/// Begins a client. It knows how to speak TLS; timeouts are for the caller to set.
pub fn client() -> reqwest::ClientBuilder {
    install_cryptography();
    reqwest::Client::builder().user_agent(concat!("epibot/", env!("CARGO_PKG_VERSION")))
}

/// Makes ring the process's cryptography for TLS, which rustls wants to be told once.
pub fn install_cryptography() {
    // It fails only where it was done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
