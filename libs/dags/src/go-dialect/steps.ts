import { isJsonObject, pointerTo, type Json, type JsonObject } from '@flow/kernel';
import { decodedInTheRun } from './decoding';
import { BRANCH_FIELDS, CONDITION_FIELDS, STEP_FIELDS } from './fields';
import type { Reader } from './names';
import type { Notes } from './notes';
import { parametersOf } from './parameters';
import { settingsOf, type DefaultsCount } from './settings';
import type { Texts } from './texts';
import { fitted, isEmpty, known } from './weak';

/** What the translation asks of the operators that are here. */
export interface OperatorFacts {
  readonly schema: JsonObject;
  /** Parameters whose braces nobody fills in. */
  readonly verbatim: readonly string[];
}
export type FactsOf = (operator: string) => OperatorFacts | undefined;

const LOOP = '@control/flow/loop';

/** Writes steps in our language, bodies within bodies; positions stay as they are, so that pointers do. */
export class Steps {
  readonly defaults: DefaultsCount = { written: 0 };

  constructor(
    private readonly texts: Texts,
    private readonly notes: Notes,
    private readonly facts: FactsOf,
  ) {}

  body(sent: Json, pointer: string, reader: Reader): Json {
    if (!Array.isArray(sent)) return sent;
    return (sent as readonly Json[]).map((step, i) => this.step(step, `${pointer}/${i}`, reader));
  }

  step(sent: Json, pointer: string, reader: Reader): Json {
    if (!isJsonObject(sent)) return sent;
    const operator = typeof sent.operator === 'string' ? sent.operator : '';
    const {
      settings,
      branches,
      steps,
      catch: caught,
      finally: last,
      onError,
      undo,
      ...others
    } = known(sent, STEP_FIELDS, pointer, this.notes);
    // A loop without parameters has its defaults all the same.
    const parameters = others.parameters ?? (operator === LOOP ? {} : undefined);
    const inner = operator === LOOP && typeof sent.id === 'string' ? { loop: sent.id } : reader;
    const written = settingsOf(operator, settings, `${pointer}/settings`, this.notes, this.defaults);
    return {
      ...others,
      ...(parameters !== undefined && {
        parameters: this.parameters(operator, parameters, `${pointer}/parameters`, { reader, inner }),
      }),
      ...(written && { settings: written }),
      ...(!isEmpty(branches) && { branches: this.branches(branches ?? null, `${pointer}/branches`, inner) }),
      ...((!isEmpty(steps) || operator === LOOP) &&
        steps !== undefined && { steps: this.body(steps, `${pointer}/steps`, inner) }),
      // Bodies of our own: a document may use them like every operator that is here.
      ...(caught !== undefined && { catch: this.body(caught, `${pointer}/catch`, reader) }),
      ...(last !== undefined && { finally: this.body(last, `${pointer}/finally`, reader) }),
      ...(undo !== undefined && { undo: this.step(undo, `${pointer}/undo`, reader) }),
      ...(onError !== undefined && { onError: this.onError(onError, `${pointer}/onError`, reader) }),
    };
  }

  private onError(sent: Json, pointer: string, reader: Reader): Json {
    if (!isJsonObject(sent) || sent.steps === undefined) return sent;
    return { ...sent, steps: this.body(sent.steps, `${pointer}/steps`, reader) };
  }

  private parameters(
    operator: string,
    sent: Json,
    pointer: string,
    { reader, inner }: { readonly reader: Reader; readonly inner: Reader },
  ): Json {
    if (!isJsonObject(sent)) return sent;
    const facts = this.facts(operator);
    const fit = fitted(parametersOf(operator, sent, pointer, this.notes), facts?.schema, pointer, this.notes);
    if (!isJsonObject(fit)) return fit;
    const written = Object.fromEntries(
      Object.entries(fit).map(([key, value]): [string, Json] => {
        // The outputs of a loop are read in its iterations.
        const isOutputs = operator === LOOP && key === 'outputs';
        if (facts?.verbatim.includes(key) === true && !isOutputs) return [key, value];
        const where = isOutputs ? inner : reader;
        return [key, this.texts.value(value, pointerTo(pointer, key), where)];
      }),
    );
    return decodedInTheRun(operator, written, facts?.schema);
  }

  private branches(sent: Json, pointer: string, reader: Reader): Json {
    if (!Array.isArray(sent)) return sent;
    return (sent as readonly Json[]).map((branch, i) => {
      const at = `${pointer}/${i}`;
      if (!isJsonObject(branch)) return branch;
      const { conditions, steps, ...others } = known(branch, BRANCH_FIELDS, at, this.notes);
      return {
        ...others,
        ...(conditions !== undefined && { conditions: this.conditions(conditions, `${at}/conditions`, reader) }),
        steps: steps === undefined ? [] : this.body(steps, `${at}/steps`, reader),
      };
    });
  }

  private conditions(sent: Json, pointer: string, reader: Reader): Json {
    if (!Array.isArray(sent)) return sent;
    return (sent as readonly Json[]).map((all, i) =>
      Array.isArray(all)
        ? (all as readonly Json[]).map((one, j) => this.condition(one, `${pointer}/${i}/${j}`, reader))
        : all,
    );
  }

  private condition(sent: Json, pointer: string, reader: Reader): Json {
    if (!isJsonObject(sent)) return sent;
    const { source, ...condition } = sent;
    if (source === 'vars')
      this.notes.warn(
        `${pointer}/source`,
        'go.field_ignored',
        'Names say themselves where they are read from; "source" is left out.',
      );
    const { parameters = {}, ...others } = known(condition, CONDITION_FIELDS, pointer, this.notes);
    return { ...others, parameters: this.texts.value(parameters, `${pointer}/parameters`, reader) };
  }
}
