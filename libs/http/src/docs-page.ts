import type { JsonSchema } from './dto-schemas';
import type { OpenApiDocument, OpenApiOperation } from './open-api';
import { exampleOf } from './schema-example';

export const DOCS_STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--accent:#2563eb}
*{box-sizing:border-box}body{margin:0;font:16px/1.55 system-ui,sans-serif;display:grid;grid-template-columns:17rem minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1.5rem 1rem;border-right:1px solid var(--line);font-size:.875rem}
nav a{display:block;padding:.1rem 0;color:inherit;text-decoration:none;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
nav a:hover,nav a:focus{color:var(--accent)}nav strong{display:block;margin-top:1rem}
main{padding:1.5rem 2rem 6rem;max-width:62rem}h1{margin:0 0 .25rem}h2{margin:3rem 0 0;border-bottom:1px solid var(--line)}
article{padding:1.25rem 0;border-bottom:1px solid var(--line)}h3{margin:0;font-size:1.05rem}
code,pre{font:.875em/1.5 ui-monospace,monospace}pre{background:var(--soft);border:1px solid var(--line);border-radius:.4rem;padding:.75rem;overflow:auto;margin:.4rem 0}
.method{display:inline-block;min-width:3.8rem;font-weight:700;color:var(--accent)}.who{font-size:.8rem;border:1px solid var(--line);border-radius:1rem;padding:.05rem .6rem;margin-left:.5rem}
table{border-collapse:collapse;width:100%;font-size:.9rem;margin:.4rem 0}td,th{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
details{margin:.4rem 0}summary{cursor:pointer}
@media(max-width:50rem){body{display:block}nav{position:static;height:auto;border:0}}
`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function safe(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

interface Shown {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** The document as one page of plain HTML: no scripts, nothing from elsewhere. */
export function docsPage(document: OpenApiDocument): string {
  const all: Shown[] = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const groups = document.tags.map(({ name }) => ({
    name,
    shown: all.filter(({ operation }) => operation.tags.includes(name)),
  }));
  const title = safe(document.info.title);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><style>${DOCS_STYLE}</style></head><body><nav><a href="#top"><b>${title}</b></a>${groups
    .map(({ name, shown }) => `<strong>${safe(name)}</strong>${shown.map(linkTo).join('')}`)
    .join(
      '',
    )}</nav><main id="top"><h1>${title}</h1><p>${safe(document.info.description)} Version ${safe(document.info.version)}.</p>
<p>Send <code>Authorization: Bearer &lt;token&gt;</code>; <code>X-Business-Domain</code> names the business domain. Errors are <code>application/problem+json</code> with a stable <code>code</code>. The same as a document: <a href="openapi.json">openapi.json</a>.</p>
${groups.map(({ name, shown }) => `<h2>${safe(name)}</h2>${shown.map((each) => article(each, document)).join('')}`).join('')}${shapes(document)}</main></body></html>`;
}

function linkTo({ operation }: Shown): string {
  return `<a href="#${operation.operationId}">${safe(operation.summary)}</a>`;
}

function article(shown: Shown, document: OpenApiDocument): string {
  const { method, path, operation } = shown;
  const codes = operation['x-error-codes'];
  return [
    `<article id="${operation.operationId}"><h3>${safe(operation.summary)}<span class="who">${safe(whoMay(operation['x-access']))}</span></h3>`,
    `<p><code><span class="method">${method}</span>${safe(path)}</code></p>`,
    operation.description === undefined ? '' : `<p>${safe(operation.description)}</p>`,
    parameterTable(operation),
    bodySection(operation, document),
    ...Object.entries(operation.responses).map(([status, response]) => answerSection(status, response, document)),
    codes.length > 0 ? `<p>Particular errors: ${codes.map((code) => `<code>${safe(code)}</code>`).join(', ')}</p>` : '',
    `<pre>${safe(curlOf(shown, document))}</pre></article>`,
  ].join('');
}

function whoMay(access: string): string {
  if (access === 'public') return 'everybody';
  return access === 'token' ? 'any token' : access;
}

function parameterTable({ parameters }: OpenApiOperation): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(
    (parameter) =>
      `<tr><td><code>${safe(parameter.name)}</code></td><td>${parameter.in}${parameter.required ? ', required' : ''}</td><td>${safe(shapeLine(parameter.schema))}</td><td>${safe(parameter.description ?? '')}</td></tr>`,
  );
  return `<table><tr><th>Parameter</th><th>In</th><th>Type</th><th></th></tr>${rows.join('')}</table>`;
}

/** `integer, minimum 1, maximum 200, default 50` */
function shapeLine(schema: JsonSchema): string {
  const { type, description: _description, examples: _examples, ...rest } = schema;
  const head = Array.isArray(type) ? type.join(' or ') : typeof type === 'string' ? type : '';
  const tail = Object.entries(rest).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  return [head, ...tail].filter((part) => part !== '').join(', ');
}

function bodySection({ requestBody }: OpenApiOperation, document: OpenApiDocument): string {
  if (!requestBody) return '';
  const types = Object.keys(requestBody.content).map((type) => `<code>${safe(type)}</code>`);
  const schema = Object.values(requestBody.content)[0]?.schema ?? {};
  return `<details><summary>Body, ${requestBody.required ? 'required' : 'optional'}: ${types.join(' or ')}</summary><pre>${safe(pretty(resolved(schema, document)))}</pre></details>`;
}

function answerSection(
  status: string,
  response: OpenApiOperation['responses'][string],
  document: OpenApiDocument,
): string {
  const schema = Object.values(response.content ?? {})[0]?.schema;
  const head = `${status === 'default' ? 'Otherwise' : status}: ${safe(response.description)}`;
  if (!schema || status === 'default' || Object.keys(schema).length === 0) return `<p>${head}</p>`;
  return `<details><summary>${head}</summary><pre>${safe(pretty(resolved(schema, document)))}</pre></details>`;
}

/** Every named schema once, for what others refer to. */
function shapes({ components }: OpenApiDocument): string {
  const all = Object.entries(components.schemas as Record<string, JsonSchema>).map(
    ([name, schema]) =>
      `<details><summary><code>${safe(name)}</code></summary><pre>${safe(pretty(schema))}</pre></details>`,
  );
  return `<h2>Shapes</h2>${all.join('')}`;
}

function resolved(schema: JsonSchema, document: OpenApiDocument): JsonSchema {
  const name = typeof schema.$ref === 'string' ? schema.$ref.replace('#/components/schemas/', '') : undefined;
  const schemas = document.components.schemas as Record<string, JsonSchema>;
  return name === undefined ? schema : (schemas[name] ?? schema);
}

function curlOf({ method, path, operation }: Shown, document: OpenApiDocument): string {
  const schema = operation.requestBody?.content['application/json']?.schema;
  const body = schema && JSON.stringify(exampleOf(schema, document.components.schemas as Record<string, JsonSchema>));
  return [
    `curl ${method === 'GET' ? '' : `-X ${method} `}"$API${path}"`,
    ...(operation['x-access'] === 'public' ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...(body === undefined ? [] : ['-H "Content-Type: application/json"', `-d '${body.replaceAll("'", "'\\''")}'`]),
  ].join(' \\\n  ');
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
