# Caddy without the right to ports below 1024: a file with rights does not start without them.
FROM caddy:2.8.4-alpine
RUN cp /usr/bin/caddy /usr/local/bin/caddy \
 && adduser -S -D -H -u 10001 proxy \
 && install -d -o 10001 -g nogroup -m 700 /data/caddy /config/caddy \
 && chown 10001:nogroup /data /config
COPY Caddyfile /etc/caddy/Caddyfile
USER 10001
CMD ["/usr/local/bin/caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
