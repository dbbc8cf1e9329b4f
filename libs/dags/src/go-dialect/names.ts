import type { Reference } from '@flow/expressions';

/** Where an expression stands: the loop around it decides what `index` means. */
export interface Reader {
  /** Id of the nearest loop around. */
  readonly loop?: string;
}

/** What a name of the Go service becomes. */
export type Meaning =
  | { readonly kind: 'path'; readonly path: Reference; readonly note?: string }
  /** Written down as it stands here. */
  | { readonly kind: 'text'; readonly text: string; readonly note?: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** Names of our own language: an author who takes our advice (a secret) writes them into a document of the Go service. */
const OURS: ReadonlySet<string> = new Set([
  'vars',
  'trigger',
  'instance',
  'task',
  'env',
  'variables',
  'secrets',
  'callbacks',
  'error',
  'completed',
]);

/** The Go service's variables of a run about who started it, as keys of the form trigger's `accessor`. */
const STARTER: Readonly<Record<string, string>> = {
  userid: 'id',
  operator_id: 'id',
  operator_name: 'name',
  operator_type: 'type',
};
/** Its variables about the document that a run is for. */
const OF_DOCUMENTS: ReadonlySet<string> = new Set(['docid', 'datasourceid', 'source_type']);

/** The names that one document can read, and what each means here. */
export class Names {
  constructor(
    private readonly steps: ReadonlySet<string>,
    private readonly vars: ReadonlySet<string>,
    /** Keys of the form that starts it. */
    private readonly fields: ReadonlySet<string>,
    /** Id of the step that starts it with a form. */
    private readonly form: string | undefined,
  ) {}

  meaningOf(reference: Reference, reader: Reader): Meaning {
    const { name } = reference;
    if (name.startsWith('__'))
      return this.steps.has(name.slice(2)) ? { kind: 'path', path: reference } : alias(reference, reader);
    if (this.fields.has(name) || this.vars.has(name))
      return { kind: 'path', path: OURS.has(name) && !this.vars.has(name) ? inTrigger(reference) : reference };
    if (name === 'index' && reader.loop !== undefined) return { kind: 'path', path: indexOf(reference, reader.loop) };
    if (OURS.has(name)) return { kind: 'path', path: reference };
    return this.ofTheRun(reference);
  }

  private ofTheRun(reference: Reference): Meaning {
    const { name } = reference;
    const key = Object.hasOwn(STARTER, name) ? STARTER[name] : undefined;
    if (key !== undefined && this.form !== undefined)
      return { kind: 'text', text: `parseJson(step(${JSON.stringify(this.form)}).accessor).${key}` };
    if (key !== undefined || OF_DOCUMENTS.has(name))
      return {
        kind: 'refused',
        code: 'go.name_unavailable',
        message: `"${name}" has no value here; let the start bring it as a field of a form.`,
      };
    return {
      kind: 'path',
      path: inTrigger(reference),
      note: `Nothing declares "${name}"; it reads what a start brings under that name, or null.`,
    };
  }
}

function alias(reference: Reference, reader: Reader): Meaning {
  const { name, path } = reference;
  switch (name) {
    case '__source':
      return { kind: 'path', path: { name: 'trigger', path } };
    case '__loop_index':
      if (reader.loop !== undefined) return { kind: 'path', path: indexOf(reference, reader.loop) };
      return { kind: 'text', text: 'null', note: 'There is no loop around "__loop_index"; it reads as null.' };
    case '__g_dagInsID':
      return { kind: 'path', path: { name: 'instance', path: ['id', ...path] } };
    case '__g_authorization':
      return {
        kind: 'refused',
        code: 'go.authorization_refused',
        message:
          'The token of a user is not put into parameters. Keep what the other side asks for as a secret and write {{secrets.name}} here.',
      };
    default:
      return { kind: 'text', text: 'null', note: `There is no step "${name.slice(2)}" to read; this reads as null.` };
  }
}

function inTrigger({ name, path }: Reference): Reference {
  return { name: 'trigger', path: [name, ...path] };
}

function indexOf({ path }: Reference, loop: string): Reference {
  return { name: `__${loop}`, path: ['index', ...path] };
}
