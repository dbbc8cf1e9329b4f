import { LargeValue, pointerTo, type Json, type JsonObject } from '@flow/kernel';
import { compileTemplate, type CompiledTemplate, type Scope } from '@flow/expressions';

/** A text in which what is secret stands by name: what a record may hold, and what a call is made from. */
export interface SecretText {
  /** Where it stands in the rendered parameters (JSON pointer). */
  readonly pointer: string;
  readonly parts: readonly SecretPart[];
}

/** A plain text, a secret of the domain, or the address that a callback of this run is waited for at. */
export type SecretPart = string | { readonly secret: string } | CallbackPart;

export interface CallbackPart {
  readonly callback: string;
  readonly path: string;
  readonly attempt: number;
}

/** The names of a run, and where the callback of a step will be waited for. */
export interface RenderScope extends Scope {
  callbackOf(stepId: string): { readonly path: string; readonly attempt: number } | undefined;
}

export interface Rendered {
  /** Fit for records: a text with secrets reads as it was written, `Bearer {{secrets.token}}`. */
  readonly parameters: JsonObject;
  readonly secrets: readonly SecretText[];
}

export interface CompiledParameters {
  readonly constant: boolean;
  /** Throws ExpressionFailed or ExpressionTooCostly. */
  render(scope: RenderScope): Rendered;
}

interface Constant {
  readonly kind: 'constant';
  readonly value: Json;
}

type Node =
  | Constant
  | { readonly kind: 'template'; readonly template: CompiledTemplate }
  | { readonly kind: 'secret'; readonly pointer: string; readonly template: CompiledTemplate }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Node])[] }
  | { readonly kind: 'array'; readonly items: readonly Node[] };

/** Compiles a step's parameters once; those named in `verbatim` stay as they were written. */
export function compileParameters(parameters: JsonObject, verbatim: readonly string[]): CompiledParameters {
  const root = compileObject(parameters, '', (key) => verbatim.includes(key));
  if (root.kind === 'constant') {
    const rendered: Rendered = { parameters: root.value as JsonObject, secrets: [] };
    return { constant: true, render: () => rendered };
  }
  return {
    constant: false,
    render(scope) {
      const secrets: SecretText[] = [];
      return { parameters: render(root, scope, secrets) as JsonObject, secrets };
    },
  };
}

const isConstant = (node: Node): node is Constant => node.kind === 'constant';

function compile(value: Json, pointer: string): Node {
  if (typeof value === 'string')
    return value.includes('{{') ? compileText(value, pointer) : { kind: 'constant', value };
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item, i) => compile(item, pointerTo(pointer, i)));
    return items.every(isConstant)
      ? { kind: 'constant', value: items.map((item) => item.value) }
      : { kind: 'array', items };
  }
  if (typeof value === 'object' && value !== null) return compileObject(value as JsonObject, pointer, () => false);
  return { kind: 'constant', value };
}

function compileObject(value: JsonObject, pointer: string, isVerbatim: (key: string) => boolean): Node {
  const entries = Object.entries(value).map(([key, item]): [string, Node] => [
    key,
    isVerbatim(key) ? { kind: 'constant', value: item } : compile(item, pointerTo(pointer, key)),
  ]);
  return entries.every((entry): entry is [string, Constant] => isConstant(entry[1]))
    ? { kind: 'constant', value: Object.fromEntries(entries.map(([key, node]) => [key, node.value])) }
    : { kind: 'object', entries };
}

function compileText(text: string, pointer: string): Node {
  const template = compileTemplate(text);
  if (template.references.some(({ name }) => name === 'secrets' || name === 'callbacks'))
    return { kind: 'secret', pointer, template };
  // What an expression makes of constants alone is worked out in the run all the same, where its cost is bounded.
  return template.parts.some(({ kind }) => kind === 'expression')
    ? { kind: 'template', template }
    : { kind: 'constant', value: template.evaluate({ get: () => undefined }) };
}

function render(node: Node, scope: RenderScope, secrets: SecretText[]): Json {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'template':
      return node.template.evaluate(scope);
    case 'array':
      return node.items.map((item) => render(item, scope, secrets));
    case 'object': {
      const object: Record<string, Json> = {};
      for (const [key, item] of node.entries) object[key] = render(item, scope, secrets);
      return object;
    }
    case 'secret': {
      const parts = secretParts(node.template, scope);
      secrets.push({ pointer: node.pointer, parts });
      return parts.map(shown).join('');
    }
  }
}

function shown(part: SecretPart): string {
  if (typeof part === 'string') return part;
  return 'secret' in part ? `{{secrets.${part.secret}}}` : `{{callbacks.${part.callback}.url}}`;
}

function secretParts(template: CompiledTemplate, scope: RenderScope): SecretText['parts'] {
  return template.parts.map((part): SecretPart => {
    if (part.kind === 'text') return part.text;
    const [first] = part.expression.references;
    if (first?.name === 'secrets' && first.path[0] !== undefined) return { secret: String(first.path[0]) };
    if (first?.name === 'callbacks') {
      const callback = String(first.path[0]);
      const place = scope.callbackOf(callback);
      return place ? { callback, ...place } : '';
    }
    const value = part.expression.evaluate(scope);
    return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
  });
}

/** The parameters that a call is made with: every secret text filled in by `reveal`. */
export function withSecrets(rendered: Rendered, reveal: (part: Exclude<SecretPart, string>) => string): JsonObject {
  if (rendered.secrets.length === 0) return rendered.parameters;
  const copy = copyOf(rendered.parameters) as Record<string, Json>;
  for (const { pointer, parts } of rendered.secrets) {
    const keys = pointer
      .split('/')
      .slice(1)
      .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop() ?? '';
    let holder: Record<string, Json> = copy;
    for (const key of keys) holder = holder[key] as Record<string, Json>;
    holder[last] = parts.map((part) => (typeof part === 'string' ? part : reveal(part))).join('');
  }
  return copy;
}

function copyOf(value: Json): Json {
  if (typeof value !== 'object' || value === null || value instanceof LargeValue) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(copyOf);
  return Object.fromEntries(Object.entries(value as JsonObject).map(([key, item]) => [key, copyOf(item)]));
}
