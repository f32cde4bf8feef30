# One image for every deployable: docker build --build-arg SERVICE=services/media -t orrery/media .
# Run it with the module's name: docker run orrery/media services.media, or services.media.worker.
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS uv
RUN pip install --no-cache-dir "uv>=0.9"
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /app

# The generated code, the same for all, so that it is made once.
FROM uv AS protos
COPY pyproject.toml uv.lock ./
COPY libs libs
COPY services services
COPY gateway gateway
COPY tools tools
RUN uv sync --frozen --only-group dev --quiet
COPY third_party third_party
COPY protos protos
RUN .venv/bin/python -m tools.protos

# The service's own packages, by its own declaration.
FROM uv AS packages
ARG SERVICE
COPY pyproject.toml uv.lock ./
COPY libs libs
COPY services services
COPY gateway gateway
COPY tools tools
RUN uv sync --frozen --no-dev --quiet --package "$(basename "${SERVICE}" | tr _ -)"

FROM ${PYTHON}
ARG SERVICE
# ffmpeg works for media alone.
RUN if [ "${SERVICE}" = services/media ]; then \
        apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*; \
    fi && useradd --system --uid 10001 --create-home orrery
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY --from=protos /app/gen gen
COPY libs libs
COPY services/__init__.py services/__init__.py
COPY ${SERVICE} ${SERVICE}
ENV PATH=/app/.venv/bin:$PATH PYTHONPATH=/app:/app/gen PYTHONUNBUFFERED=1
USER 10001
ENTRYPOINT ["python", "-m"]
