/** The separators that the editors of the Go service offer; `custom` takes the text of the parameter `custom`. */
export const SEPARATORS = ['custom', ',', '，', ';', '；', ' ', ''] as const;

export interface SeparatorParameters {
  readonly separator?: string;
  readonly custom?: string;
}

export const separatorSchema = {
  separator: { enum: [...SEPARATORS], default: ',', description: '"custom" takes the text in "custom"' },
  custom: { type: 'string', default: '' },
};

export function separatorOf({ separator = ',', custom = '' }: SeparatorParameters): string {
  return separator === 'custom' ? custom : separator;
}
