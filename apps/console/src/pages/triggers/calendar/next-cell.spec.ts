import { nextCell } from './next-cell';

const cell = (column: number, hour: number) => ({ column, hour });
const filled = [cell(0, 6), cell(0, 9), cell(1, 23), cell(3, 8), cell(3, 6)];

describe('the arrow keys in the week', () => {
  it.each([
    ['ArrowDown', cell(0, 6), cell(0, 9)],
    ['ArrowUp', cell(0, 9), cell(0, 6)],
    ['ArrowRight', cell(0, 9), cell(1, 23)],
    ['ArrowRight', cell(1, 23), cell(3, 8)],
    ['ArrowLeft', cell(3, 6), cell(1, 23)],
  ])('%s leads to the nearest that way', (key, from, to) => expect(nextCell(filled, from, key)).toEqual(to));

  it('lead nowhere at the edge, and other keys do not move', () => {
    expect(nextCell(filled, cell(0, 6), 'ArrowUp')).toBeUndefined();
    expect(nextCell(filled, cell(3, 8), 'ArrowRight')).toBeUndefined();
    expect(nextCell(filled, cell(0, 6), 'a')).toBeUndefined();
  });
});
