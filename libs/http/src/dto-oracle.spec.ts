import { Type, plainToInstance } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsDefined,
  IsEmail,
  IsEnum,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
  validateSync,
} from 'class-validator';
import fc from 'fast-check';
import { Nullable, Optional } from './dto.decorators';
import { DtoSchemas, type Dto } from './dto-schemas';
import { Validators } from './validator';

class Inner {
  @IsString()
  @Length(1, 3)
  name!: string;

  @Optional()
  @IsInt()
  @Min(-2)
  @Max(3)
  rank?: number;
}

class Base {
  @IsIn(['a', 'b', 1])
  choice!: 'a' | 'b' | 1;

  @IsEnum({ Low: 'low', High: 'high' })
  level: string = 'low';
}

class Outer extends Base {
  @IsString()
  @MinLength(1)
  @MaxLength(4)
  title!: string;

  @IsNumber()
  @Min(0.5)
  weight!: number;

  @IsBoolean()
  flag: boolean = true;

  @Optional()
  @Matches(/^[a-c]+$/)
  @IsString()
  word?: string;

  @Nullable()
  @IsInt()
  limit!: number | null;

  @Optional()
  @Nullable()
  @IsString()
  note?: string | null;

  @IsObject()
  @ValidateNested()
  @Type(() => Inner)
  inner!: Inner;

  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(2)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => Inner)
  many?: Inner[];

  @Optional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(2, { each: true })
  tags?: string[];

  @Optional()
  @IsObject()
  labels?: Record<string, unknown>;

  @IsDefined()
  @IsObject()
  data!: object;
}

const schemas = new DtoSchemas();
const byAjv = new Validators().body(schemas.refTo(Outer), schemas.definitions);
const acceptedByAjv = (body: unknown): boolean => byAjv(structuredClone(body)).length === 0;
const acceptedByClassValidator = (body: unknown): boolean =>
  typeof body === 'object' &&
  body !== null &&
  !Array.isArray(body) &&
  validateSync(plainToInstance(Outer, body), { whitelist: true, forbidNonWhitelisted: true }).length === 0;

/** Mostly right values, so that whole bodies are right often enough. */
const nearly = <T>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: wrong });
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(null, '', 0, -1, 2.5, true, [], {}, [null], [''], ['x', 'x'], 'abcdef', '🙂🙂🙂🙂', { name: 1 }),
);
const text = (minLength: number, maxLength: number) => fc.string({ unit: 'grapheme-ascii', minLength, maxLength });
const anInner = fc.record(
  { name: nearly(text(1, 3), anything), rank: nearly(fc.integer({ min: -2, max: 3 }), anything) },
  { requiredKeys: ['name'] },
);
const anOuter = fc
  .record(
    {
      choice: nearly(fc.constantFrom('a', 'b', 1), anything),
      level: nearly(fc.constantFrom('low', 'high'), anything),
      title: nearly(text(1, 4), anything),
      weight: nearly(fc.double({ min: 0.5, max: 10, noNaN: true }), anything),
      flag: nearly(fc.boolean(), anything),
      word: nearly(fc.constantFrom('a', 'abc', 'cab'), anything),
      limit: nearly(fc.oneof(fc.integer(), fc.constant(null)), anything),
      note: nearly(fc.oneof(text(0, 3), fc.constant(null)), anything),
      inner: nearly(anInner, anything),
      many: nearly(fc.array(anInner, { minLength: 1, maxLength: 2 }), anything),
      tags: nearly(fc.uniqueArray(text(0, 2), { minLength: 1, maxLength: 3 }), anything),
      labels: nearly(fc.dictionary(text(1, 3), anything), anything),
      data: nearly(fc.constant({ any: 1 }), anything),
      extra: fc.constant(1),
    },
    { requiredKeys: ['choice', 'title', 'weight', 'limit', 'inner', 'data'] },
  )
  .chain((body) =>
    fc.tuple(fc.constant(body), fc.boolean(), fc.integer({ min: 0, max: 30 })).map(([made, withExtra, dropped]) => {
      const { extra: _extra, ...rest } = made;
      const kept = Object.entries(rest).filter((_, i) => i !== dropped);
      return { ...Object.fromEntries(kept), ...(withExtra && dropped < 3 && { extra: 1 }) };
    }),
  );

describe('Ajv and class-validator', () => {
  it('accept and refuse the same bodies', () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: anOuter }, anything), (body) => {
        const expected = acceptedByClassValidator(body);
        seen[expected ? 'accepted' : 'refused'] += 1;
        expect(acceptedByAjv(body)).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
    // The property means something only when both kinds came up often.
    expect(seen.accepted).toBeGreaterThan(100);
    expect(seen.refused).toBeGreaterThan(100);
  });

  it('name each fault with its pointer', () => {
    const faults = byAjv({
      choice: 'c',
      title: 'too long',
      weight: 0,
      limit: null,
      inner: { rank: 9, 'a/b': 1 },
      tags: ['x', 'x'],
      data: null,
    });
    expect(faults.map(({ pointer, code }) => `${pointer} ${code}`).sort()).toEqual([
      '/choice field.not_allowed',
      '/data field.type',
      '/inner/a~1b field.unknown',
      '/inner/name field.missing',
      '/inner/rank field.too_large',
      '/tags field.repeated',
      '/title field.too_long',
      '/weight field.too_small',
    ]);
  });

  it('take a field with an initial value as optional, and fill it in', () => {
    const body = { choice: 'a', title: 't', weight: 1, limit: 1, inner: { name: 'n' }, data: {} };
    expect(byAjv(body)).toEqual([]);
    expect(body).toMatchObject({ flag: true, level: 'low' });
  });
});

describe('A DTO is refused at boot', () => {
  const refuse = (dto: Dto) => expect(() => new DtoSchemas().refTo(dto));

  it('when it lets null in through IsOptional', () => {
    class Loose {
      @IsOptional() @IsString() a?: string;
    }
    refuse(Loose).toThrow('Loose.a: IsOptional lets null in');
  });

  it('when it uses a rule that the two understand differently', () => {
    class Mail {
      @IsEmail() a!: string;
    }
    refuse(Mail).toThrow('Mail.a: isEmail is not proven');
  });

  it('when it speaks of items but not of a list', () => {
    class Items {
      @IsString({ each: true }) a!: string[];
    }
    refuse(Items).toThrow('`each` needs IsArray');
  });

  it('when what it holds may be a list by accident', () => {
    class Holder {
      @ValidateNested() @Type(() => Inner) a!: Inner;
    }
    refuse(Holder).toThrow('ValidateNested needs IsObject');
  });

  it('when a pattern has flags', () => {
    class Pattern {
      @Matches(/a/i) a!: string;
    }
    refuse(Pattern).toThrow('no flags');
  });

  it('when another one has its name', () => {
    const twins = [0, 1].map(() => {
      class Twin {
        @IsString() a!: string;
      }
      return Twin;
    });
    const both = new DtoSchemas();
    both.refTo(twins[0]!);
    expect(() => both.refTo(twins[1]!)).toThrow('the same name');
  });
});
