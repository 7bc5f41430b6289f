# Enlarger in a container. `docker build -t enlarger .` makes the image for CPUs, `--target gpu` the one that also finds GPUs
# through Vulkan. Both are for amd64 and arm64. docs/operate/deploy.md says how to run them.
ARG PYTHON=docker.io/library/python:3.13-slim-trixie

FROM ${PYTHON} AS build
ENV PIP_BREAK_SYSTEM_PACKAGES=1 \
    PIP_ROOT_USER_ACTION=ignore \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PROJECT_ENVIRONMENT=/opt/enlarger \
    UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /src
# The packages first: they stay in the cache while only the code changes.
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY licenses licenses
COPY src/enlarger/_version.py src/enlarger/_version.py
RUN uv sync --locked --no-dev --extra all --no-install-project --no-cache
COPY src src
# With the weights that are not installed with Enlarger: the first picture need not wait for them.
RUN uv sync --locked --no-dev --extra all --no-editable --no-cache \
    && /opt/enlarger/bin/enlarger models install --data-dir /data span cut-out real-cugan/x2

FROM ${PYTHON} AS runtime
RUN useradd --uid 10001 --no-create-home --home-dir /data enlarger \
    && install --directory --owner=enlarger --group=enlarger --mode=0700 /data
COPY --from=build /opt/enlarger /opt/enlarger
COPY --from=build --chown=10001:10001 /data /data
# A container has its own address: what may reach it is decided by the ports that are published.
ENV PATH=/opt/enlarger/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    ENLARGER_DATA_DIR=/data \
    ENLARGER_HOST=0.0.0.0 \
    ENLARGER_PORT=8686
USER 10001:10001
VOLUME /data
EXPOSE 8686
# A worker has no port: override the check there (`--no-healthcheck`, `healthcheck: {disable: true}`).
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"ENLARGER_PORT\"]}/readyz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["enlarger"]
CMD ["up"]

# The driver comes from the host (NVIDIA's container toolkit, or /dev/dri); here are only the loader and Mesa's drivers.
FROM runtime AS gpu
# hadolint ignore=DL3066
USER root
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libvulkan1 mesa-vulkan-drivers \
    && rm -rf /var/lib/apt/lists/*
ENV NVIDIA_DRIVER_CAPABILITIES=compute,graphics,utility
USER 10001:10001

FROM runtime AS cpu
