import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { SERVER_NAMES, type ServerName } from './access';
import { DOCS_STYLE, docsPage } from './docs-page';
import type { EndpointOptions, RouteDeclaration } from './endpoint';
import { serverOf } from './listeners';
import type { OpenApiDocument } from './open-api';

/** Who may read the documentation: nobody, holders of any token, everybody. */
export type DocsAccess = 'off' | 'token' | 'open';

interface Documentation {
  readonly access: DocsAccess;
  readonly openApi: (server: ServerName) => OpenApiDocument;
}

const STYLE_HASH = createHash('sha256').update(DOCS_STYLE).digest('base64');
const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-ancestors 'none'`;

/** `/openapi.json` and `/docs` on both servers, each about its own routes. Made once, at the first question. */
export function addDocumentation(fastify: FastifyInstance, { access, openApi }: Documentation): void {
  if (access === 'off') return;
  const made = new Map<ServerName, { json: string; page: string }>();
  const of = (request: Parameters<typeof serverOf>[0]) => {
    const server = serverOf(request) ?? SERVER_NAMES[0] ?? 'public';
    let texts = made.get(server);
    if (!texts) {
      const document = openApi(server);
      texts = { json: JSON.stringify(document), page: docsPage(document) };
      made.set(server, texts);
    }
    return texts;
  };
  const declared = (summary: string): RouteDeclaration => {
    const endpoint: EndpointOptions = {
      access: access === 'open' ? 'public' : 'token',
      summary,
      tag: 'Documentation',
      answers: { 200: {} },
    };
    return { access: endpoint.access, server: 'both', endpoint };
  };
  fastify.route({
    method: 'GET',
    url: '/openapi.json',
    config: declared('This API as an OpenAPI 3.1 document'),
    handler: async (request, reply) => reply.type('application/json').send(of(request.raw).json),
  });
  fastify.route({
    method: 'GET',
    url: '/docs',
    config: declared('This API as a page to read'),
    handler: async (request, reply) =>
      reply.header('content-security-policy', PAGE_POLICY).type('text/html; charset=utf-8').send(of(request.raw).page),
  });
}
