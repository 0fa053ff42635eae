# The service as an image: one process per container, no compiler, no embedded database.
#   docker build -t amends .
#   docker run --read-only --tmpfs /tmp -e AMENDS_DATABASE_URL=... -p 8080:8080 amends web

FROM python:3.13-slim AS build

WORKDIR /app
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

COPY requirements/run.lock requirements/build.lock requirements/
RUN pip install --require-hashes --no-deps --only-binary :all: \
        -r requirements/run.lock -r requirements/build.lock

COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY service service
COPY projections projections
COPY api api
RUN pip install --no-deps --no-build-isolation --editable . \
    && pip uninstall --yes --quiet setuptools pip \
    && rm -rf requirements build \
    && python -m compileall -q /app /venv/lib


FROM python:3.13-slim

# The image's own pip is of no use here, and what is not there cannot be used against us.
RUN pip uninstall --yes --quiet --root-user-action ignore pip \
    && useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin amends \
    && install --directory --mode 700 --owner amends --group amends /var/lib/amends \
    && install --directory --owner amends --group amends /checkpoints

COPY --from=build /venv /venv
COPY --from=build /app /app

WORKDIR /app
USER 10001:10001
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    AMENDS_HOST=0.0.0.0 \
    AMENDS_PORT=8080 \
    AMENDS_LOG_FORMAT=json
EXPOSE 8080

# For `web`; a container that runs something else switches it off or brings its own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['AMENDS_PORT'] + '/healthz', timeout=4)"]

ENTRYPOINT ["amends"]
CMD ["web"]
