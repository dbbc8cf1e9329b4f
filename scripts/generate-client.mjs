// Writes the types of libs/client from the OpenAPI document of the service: one entry an operation, nothing that runs.
//   node scripts/generate-client.mjs               starts the service and rewrites libs/client/src/operations.ts
//   node scripts/generate-client.mjs --check       writes nothing; exit code 1 when the file is not what the document gives
//   node scripts/generate-client.mjs --from <url>  asks a service that runs already
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { root, startService } from './lib/service.mjs';
import { buildWhenNeeded } from './start.mjs';

const PREFIX = '/api/automation/v1';
const TARGET = join(root, 'libs', 'client', 'src', 'operations.ts');
const REFERENCE = '#/components/schemas/';
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const isName = (key) => /^[A-Za-z_$][\w$]*$/.test(key);
const keyOf = (key) => (isName(key) ? key : JSON.stringify(key));
const union = (types) => [...new Set(types)].join(' | ') || 'never';
const comment = (text) => (text ? `/** ${text.replaceAll('*/', '* /')} */\n` : '');

/** A schema as a TypeScript type. What the document does not promise (`required`) may be missing. */
function typeOf(schema, names) {
  if (schema === undefined || schema === true) return 'unknown';
  if (schema.$ref) return schema.$ref.startsWith(REFERENCE) ? schema.$ref.slice(REFERENCE.length) : 'unknown';
  const known = names?.get(JSON.stringify(schema));
  if (known) return known;
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)));
  const either = schema.oneOf ?? schema.anyOf;
  if (either) return union(either.map((one) => typeOf(one, names)));
  if (schema.allOf) return schema.allOf.map((one) => `(${typeOf(one, names)})`).join(' & ');
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type }, names)));
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return `readonly (${typeOf(schema.items, names)})[]`;
    case 'object':
      return objectOf(schema, names);
    default:
      return schema.properties ? objectOf(schema, names) : 'unknown';
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }, names) {
  const entries = Object.entries(properties);
  if (entries.length === 0)
    return `Readonly<Record<string, ${typeof additionalProperties === 'object' ? typeOf(additionalProperties, names) : 'unknown'}>>`;
  const fields = entries.map(
    ([key, schema]) =>
      `${comment(schema.description)}readonly ${keyOf(key)}${required.includes(key) ? '' : '?'}: ${typeOf(schema, names)};`,
  );
  return `{\n${fields.join('\n')}\n}`;
}

const singular = (word) => word.replace(/ies$/, 'y').replace(/(?<!s)s$/, '');
const capital = (word) => word[0].toUpperCase() + word.slice(1).replace(/\W+(\w)/g, (_, next) => next.toUpperCase());
const isParameter = (segment) => segment.startsWith('{');
const answerOf = ({ responses }) => responses['200']?.content?.['application/json']?.schema;

/**
 * Names for the shapes that answers share: `GET /dags/{id}` gives a `Dag`, the items of `GET /dags` are the same or, when they show
 * less, a `DagItem`.
 */
function namedShapes(operations, taken) {
  const names = new Map();
  const used = new Set(taken);
  const give = (schema, name) => {
    const text = JSON.stringify(schema);
    if (!schema?.properties || names.has(text) || used.has(name)) return;
    names.set(text, name);
    used.add(name);
  };
  const reads = operations.filter(({ method }) => method === 'GET');
  for (const { segments, operation } of reads)
    if (segments.length > 1 && isParameter(segments.at(-1)) && !isParameter(segments.at(-2)))
      give(answerOf(operation), capital(singular(segments.at(-2))));
  for (const { segments, operation } of reads) {
    const last = segments.at(-1);
    const answer = answerOf(operation);
    const item = answer?.properties?.items?.items;
    if (item) {
      give(item, capital(singular(last)));
      give(item, `${capital(singular(last))}Item`);
    } else if (!isParameter(last) && segments.length === 1) give(answer, capital(last));
  }
  return names;
}

function operationsOf(document) {
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith(`${PREFIX}/`) && !path.startsWith(`${PREFIX}/health/`))
    .flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => METHODS.includes(method))
        .map(([method, operation]) => ({
          method: method.toUpperCase(),
          path: path.slice(PREFIX.length),
          segments: path.slice(PREFIX.length + 1).split('/'),
          operation,
        })),
    )
    .sort((a, b) => (a.path === b.path ? (a.method < b.method ? -1 : 1) : a.path < b.path ? -1 : 1));
}

function parametersOf({ parameters = [] }, place) {
  const own = parameters.filter((parameter) => parameter.in === place);
  if (own.length === 0) return '';
  const fields = own.map(
    ({ name, required, description, schema }) =>
      `${comment(description)}readonly ${keyOf(name)}${required ? '' : '?'}: ${typeOf(schema)};`,
  );
  const optional = own.some(({ required }) => required) ? '' : '?';
  return `readonly ${place}${optional}: {\n${fields.join('\n')}\n};`;
}

function bodyOf({ requestBody }, names) {
  if (!requestBody) return '';
  return `readonly body${requestBody.required ? '' : '?'}: ${typeOf(requestBody.content['application/json']?.schema, names)};`;
}

/** What comes back when all is well: JSON as its type, a stream or another text as text, nothing as undefined. */
function answersOf({ responses }, names) {
  const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  return union(
    good.map(([, { content }]) => {
      if (!content) return 'undefined';
      const json = content['application/json'];
      return json ? typeOf(json.schema, names) : 'string';
    }),
  );
}

/** One item of an answer that is a stream of them. */
function itemOf({ responses }, names) {
  const streamed = responses['200']?.content?.['application/x-ndjson'];
  return streamed ? `readonly item: ${typeOf(streamed.schema, names)};` : '';
}

/** The whole file, for one document. */
export async function clientOf(document) {
  const operations = operationsOf(document);
  const schemas = Object.entries(document.components.schemas);
  const names = namedShapes(
    operations,
    schemas.map(([name]) => name),
  );
  const body = operations.map(
    ({ method, path, operation }) =>
      `${comment(operation.summary)}readonly '${method} ${path}': {
        ${[parametersOf(operation, 'path'), parametersOf(operation, 'query'), bodyOf(operation, names)].filter(Boolean).join('\n')}
        readonly answer: ${answersOf(operation, names)};
        ${itemOf(operation, names)}
      };`,
  );
  const refersTo = (text, [name]) => new RegExp(`\\b${name}\\b`).test(text);
  const kept = new Set(schemas.filter((schema) => refersTo(`${body.join('\n')} Problem`, schema)));
  for (const [, schema] of kept)
    for (const other of schemas) if (refersTo(objectOf(schema, names), other)) kept.add(other);
  const text = [
    `// Made by scripts/generate-client.mjs from the service's OpenAPI document; to change it, run that again.\n`,
    `/** Every operation of the public API: what it takes and what it answers. */\nexport interface Operations {\n${body.join('\n\n')}\n}`,
    ...[...names].map(([schema, name]) => `export interface ${name} ${objectOf(JSON.parse(schema), names)}`),
    ...[...kept].map(
      ([name, schema]) => `${comment(schema.description)}export interface ${name} ${objectOf(schema, names)}`,
    ),
  ].join('\n\n');
  return format(text, { ...(await resolveConfig(TARGET)), parser: 'typescript' });
}

async function documentFrom(address) {
  if (address !== undefined) return (await fetch(new URL('/openapi.json', address))).json();
  buildWhenNeeded();
  const service = await startService();
  try {
    return await documentFrom(service.origin);
  } finally {
    await service.stop();
  }
}

const { values } = parseArgs({ options: { from: { type: 'string' }, check: { type: 'boolean' } } });
const made = await clientOf(await documentFrom(values.from));
const name = relative(root, TARGET);
if (!values.check) {
  await writeFile(TARGET, made);
  console.log(`Wrote ${name}.`);
} else if (made !== (await readFile(TARGET, 'utf8').catch(() => ''))) {
  console.error(`${name} is not what the service's document gives. Run: node scripts/generate-client.mjs`);
  process.exitCode = 1;
}
