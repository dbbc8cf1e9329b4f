import { step } from '@flow/testing/dags';
import { secretNamesOf } from './secret-names';

const reading = (...texts: string[]) => step('1', { parameters: { headers: { list: texts } } });

describe('The secrets that a DAG names', () => {
  it('are found in the parameters of every step, nested ones included, each once', () => {
    const one = (id: string, name: string) => step(id, { parameters: { value: `{{secrets.${name}}}` } });
    const steps = [
      step('0', { operator: '@trigger/manual' }),
      step('1', { branches: [{ id: 'b', steps: [one('2', 'in_branch'), one('3', 'twice')] }] }),
      step('4', { steps: [one('5', 'in_loop')], undo: one('6', 'in_undo'), catch: [one('7', 'in_catch')] }),
      step('8', { onError: { steps: [one('9', 'in_error')] }, finally: [one('10', 'twice')] }),
    ];
    expect(secretNamesOf({ steps })).toEqual(['in_branch', 'in_catch', 'in_error', 'in_loop', 'in_undo', 'twice']);
  });

  it('are read as the language reads them', () => {
    const texts = [
      'Bearer {{ secrets.a }} {{secrets.b}}',
      "{{secrets.'c'}}",
      '{{secrets["d"]}}',
      '{{vars.x}} secrets.e',
    ];
    expect(secretNamesOf({ steps: [reading(...texts)] })).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each([
    '{{{secrets.a}}}',
    '{{"secrets.a"}}',
    '{{vars.secrets.a}}',
    '{{secrets}}',
    '{{secrets.',
    '{{secrets.a b}}',
    'secrets.a',
  ])('are none in %s', (text) => {
    expect(secretNamesOf({ steps: [reading(text)] })).toEqual([]);
  });
});
