# syntax=docker/dockerfile:1
# The image holds the program, the PDFium library and nothing that runs as root. What the program was built from is listed
# in /usr/share/doc/epibot/epibot.cdx.json; what Debian gave, `dpkg-query --list` tells.

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev python3-pip \
 && rm -rf /var/lib/apt/lists/*
# It runs for a second, so that to have it optimised would cost more than it gives.
RUN cargo install --quiet --locked --debug cargo-cyclonedx
WORKDIR /build
# The dependencies first, with the list of them, in a layer of their own: they change less often than the program. The
# benchmarks are not in the image, so the manifest must not name them.
COPY Cargo.toml Cargo.lock rust-toolchain.toml ./
RUN mkdir -p src benches \
 && echo 'fn main() {}' > src/main.rs && touch src/lib.rs \
 && sed -i '/^\[\[bench\]\]/,/^$/d' Cargo.toml \
 && cargo build --profile dist --locked \
 && cargo cyclonedx --quiet --format json --spec-version 1.5 \
 && rm -rf src
COPY config config
COPY assets assets
COPY samples/documents samples/documents
COPY samples/recipes samples/recipes
COPY src src
RUN touch src/main.rs src/lib.rs && cargo build --profile dist --locked
RUN EPIBOT__DATA__DIR=/build/library target/dist/epibot setup \
 && mkdir /build/data

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tesseract-ocr tesseract-ocr-kor \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin epibot
COPY --from=build /build/target/dist/epibot /usr/local/bin/epibot
COPY --from=build /build/epibot.cdx.json /usr/share/doc/epibot/epibot.cdx.json
COPY --from=build /build/library/pdfium/libpdfium.so /usr/local/lib/epibot/libpdfium.so
COPY --from=build --chown=10001:10001 /build/data /var/lib/epibot
ENV EPIBOT__DATA__DIR=/var/lib/epibot \
    EPIBOT__EXTRACT__PDFIUM=/usr/local/lib/epibot/libpdfium.so \
    EPIBOT__WEB__LISTEN=0.0.0.0:8080
USER 10001:10001
VOLUME /var/lib/epibot
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s CMD ["epibot", "healthcheck"]
ENTRYPOINT ["epibot"]
CMD ["serve"]
