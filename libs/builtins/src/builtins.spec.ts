import { isJsonObject, type Json, type JsonObject } from '@flow/kernel';
import { OperatorCatalogue, type ActionOperator, type Operator } from '@flow/operators';
import { aContext, theBuiltins } from '@flow/testing/builtins';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

const operators = theBuiltins();
const catalogue = new OperatorCatalogue(operators);
const actions = operators.filter((operator): operator is ActionOperator => operator.kind === 'action');
const offline = actions.filter(({ capabilities }) => !capabilities.includes('network'));
const named = (list: readonly Operator[]) => list.map((operator): [string, Operator] => [operator.id, operator]);

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, keywords: ['x-secret'] });
addFormats(ajv);

describe('every built-in operator', () => {
  it('is there, each with an id of its own', () => {
    const ids = operators.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const shipped = [
      '@control/flow/branches',
      '@http/request',
      '@internal/array/aggregate',
      '@internal/array/filter',
      '@internal/array/group',
      '@internal/array/map',
      '@internal/array/sort',
      '@internal/assign',
      '@internal/define',
      '@internal/json/get',
      '@internal/json/parse',
      '@internal/json/set',
      '@internal/json/stringify',
      '@internal/json/template',
      '@internal/return',
      '@internal/text/join',
      '@internal/text/match',
      '@internal/text/split',
      '@internal/text/template',
      '@internal/time/format',
      '@internal/time/now',
      '@internal/time/parse',
      '@internal/time/relative',
      '@trigger/form',
      '@trigger/manual',
    ];
    expect(ids).toEqual(expect.arrayContaining(shipped));
  });

  it.each(named(operators))('%s has an example that its schemas and its own check let through', (_id, operator) => {
    for (const templates of [true, false])
      expect(catalogue.faultsOf(operator, operator.example.parameters, { templates })).toEqual([]);
    const fits = ajv.compile(operator.output);
    expect([fits(operator.example.output), fits.errors]).toEqual([true, null]);
  });

  it.each(named(operators))('%s refuses keys that it does not know, but for return', (id, operator) => {
    const parameters = { ...operator.example.parameters, surprise: 1 };
    const faults = catalogue.faultsOf(operator, parameters, { templates: true });
    expect(faults.map(({ pointer }) => pointer)).toEqual(id === '@internal/return' ? [] : ['/surprise']);
  });

  it.each(named(operators))('%s says in one line what it does, and can be served as JSON', (_id, operator) => {
    expect(operator.id).toMatch(/^@[a-z]+(\/[a-z]+)+$/);
    expect(operator.help).toMatch(/^[^\n]{5,200}\.$/);
    expect(JSON.parse(JSON.stringify(operator))).toMatchObject({ id: operator.id, parameters: operator.parameters });
  });
});

/** The value with the template in place of each of its parts in turn, keys named in `verbatim` left out. */
function* templated(value: Json, verbatim: readonly string[] = []): Generator<Json> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries<Json>(value as JsonObject)) {
    if (verbatim.includes(key)) continue;
    const replace = (part: Json): Json =>
      isJsonObject(value) ? { ...value, [key]: part } : value.with(Number(key), part);
    yield replace('{{vars.x}}');
    for (const part of templated(item)) yield replace(part);
  }
}

describe('every operator that is rendered', () => {
  const rendered = operators.filter(({ kind }) => kind !== 'trigger');
  it.each(named(rendered))('%s takes a template in place of any value', (_id, operator) => {
    const verbatim = operator.kind === 'trigger' ? [] : operator.verbatim;
    for (const parameters of templated(operator.example.parameters, verbatim))
      expect([parameters, catalogue.faultsOf(operator, parameters as JsonObject, { templates: true })]).toEqual([
        parameters,
        [],
      ]);
  });
});

describe('every operator that stays offline', () => {
  it.each(named(offline))('%s gives the output of its example, twice the same', async (_id, operator) => {
    const { example, output, run } = operator as ActionOperator;
    const frozen = JSON.stringify(example.parameters);
    for (let time = 0; time < 2; time += 1) {
      const outcome = await run(aContext(example.parameters));
      expect(outcome).toEqual({ kind: 'done', output: example.output });
      expect(outcome.kind === 'done' && ajv.compile(output)(outcome.output)).toBe(true);
    }
    expect(JSON.stringify(example.parameters)).toBe(frozen);
  });
});
