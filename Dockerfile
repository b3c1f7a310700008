# One image for every role; docker-compose.yml says which command each container runs.
FROM python:3.12-slim-bookworm AS build
WORKDIR /app
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/whistle
COPY requirements.lock ./
RUN /opt/whistle/bin/pip install --require-hashes --no-deps -r requirements.lock
COPY . .
RUN /opt/whistle/bin/pip install --no-build-isolation --no-deps -e . \
 && /opt/whistle/bin/python -m compileall -q /app

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin whistle \
 && install -d -o 10001 -g 10001 -m 700 /var/lib/whistle/relay
COPY --from=build /opt/whistle /opt/whistle
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/whistle/bin:$PATH PYTHONUNBUFFERED=1 PYTHONUTF8=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER 10001:10001
ENTRYPOINT ["whistle"]
CMD ["--help"]
