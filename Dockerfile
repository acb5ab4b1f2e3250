# The service as one image. What it does is said by its command: `migrate up`, `topics create`, `serve --role deliver`.
# The embedded Postgres of a first try is not in it: production refuses it anyway.

FROM node:24.18.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build

FROM node:24.18.0-bookworm-slim AS dependencies
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev

FROM node:24.18.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# Everything belongs to root, and the process is somebody else: it cannot change what it is.
COPY package.json LICENSE ./
COPY --from=dependencies /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY templates ./templates
USER node
EXPOSE 7330
# Alive, not ready: a service that waits for its database or its brokers is not to be killed for it.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.MILLRACE_HTTP_PORT ?? 7330) + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=32", "dist/cli.js"]
CMD ["--help"]
