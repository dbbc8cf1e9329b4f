import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { encodingFor, readConsole, type ConsoleFiles } from './console-files';
import type { RouteDeclaration } from './endpoint';
import { RouteNotFound } from './http.errors';

/** Addresses of its pages, which its own router knows again. Any other address stays an unknown one. */
const PAGES = [
  '/',
  '/dags',
  '/dags/:id',
  '/instances',
  '/instances/:id',
  '/approvals',
  '/triggers',
  '/workers',
  '/settings',
  '/sign-in',
];

/** Everybody may have it: it holds no data, and asks for all with the token of whoever signs in. */
const PAGE: RouteDeclaration = { access: 'public', server: 'public', isPage: true };
const HTML = 'text/html; charset=utf-8';

function policyOf(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const NOT_BUILT = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Flow Automation</title></head><body>
<h1>The console is not built</h1>
<p>The API works without it. To have the console, run <code>npm run build</code> where the service was installed from its sources, and start the service again.</p>
<p><a href="/docs">The API as a page to read</a></p>
</body></html>
`;

export type ConsoleState = 'none' | 'not built' | 'built';

/** The pages of the console that was built to a folder, and the files that they load. Where none was built each page says how that is done. */
export async function addConsole(fastify: FastifyInstance, folder: string | undefined): Promise<ConsoleState> {
  if (folder === undefined) return 'none';
  const files = await readConsole(folder);
  const page = files ? sendPage(files) : sendNotBuilt;
  for (const url of PAGES)
    fastify.route({ method: 'GET', url, config: PAGE, handler: async (_request, reply) => page(reply) });
  if (files) addAssets(fastify, files);
  return files ? 'built' : 'not built';
}

function addAssets(fastify: FastifyInstance, { assets }: ConsoleFiles): void {
  fastify.route<{ Params: { name: string } }>({
    method: 'GET',
    url: '/assets/:name',
    config: PAGE,
    handler: async ({ params, headers }, reply) => {
      const asset = assets.get(params.name);
      if (!asset) throw new RouteNotFound();
      const encoding = encodingFor(headers['accept-encoding'], asset);
      if (encoding) reply.header('content-encoding', encoding);
      return (
        reply
          .type(asset.type)
          // What a name stands for never changes: it holds a hash of its content.
          .header('cache-control', 'public, max-age=31536000, immutable')
          .header('vary', 'accept-encoding')
          .send((encoding && asset.encoded.get(encoding)) ?? asset.bytes)
      );
    },
  });
}

/** Each answer has a nonce of its own, so that it is never kept. */
function sendPage({ page: [before, after] }: ConsoleFiles) {
  return (reply: FastifyReply) => {
    const nonce = randomBytes(16).toString('base64');
    return reply
      .type(HTML)
      .header('cache-control', 'no-cache')
      .header('content-security-policy', policyOf(nonce))
      .send(`${before}<meta property="csp-nonce" nonce="${nonce}">${after}`);
  };
}

function sendNotBuilt(reply: FastifyReply) {
  return reply.code(404).type(HTML).send(NOT_BUILT);
}
