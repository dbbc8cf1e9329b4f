import { variableOf, variableText } from './variable-of';

describe('the value of a variable', () => {
  it.each([
    ['7', 7],
    ['"7"', '7'],
    ['{"a":1}', { a: 1 }],
    ['null', null],
    ['Europe/Berlin', 'Europe/Berlin'],
    ['', ''],
  ])('%s is %j', (typed, value) => expect(variableOf(typed)).toEqual(value));
});

it.each([7, '7', 'Europe/Berlin', '', 'null', null, true, { a: ['b'] }, '"quoted"'])(
  '%j is typed as what is read as the same again',
  (value) => expect(variableOf(variableText(value))).toEqual(value),
);
