import { defaultMetadataStorage } from 'class-transformer/cjs/storage';
import { getMetadataStorage } from 'class-validator';
import { targetConstructorToSchema } from 'class-validator-jsonschema';
import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata';
import { isNullable } from './dto.decorators';

export type JsonSchema = Readonly<Record<string, unknown>>;
// The parameters of a DTO's constructor do not matter, only that it is a class.
export type Dto = new () => object;

interface ObjectSchema extends Record<string, unknown> {
  properties?: Record<string, Record<string, unknown>>;
  required?: string[];
}

/** Where a schema's own definitions stand; OpenAPI has another place for them. */
export const DEFS = '#/$defs/';

/**
 * The decorators that mean the same to Ajv as to class-validator; the oracle spec proves it. Others (isEmail, isUrl...) differ in corner
 * cases, so that they are refused at boot: say it with Matches.
 */
const PROVEN: ReadonlySet<string> = new Set([
  'isString',
  'isInt',
  'isNumber',
  'isBoolean',
  'isArray',
  'isObject',
  'isIn',
  'isEnum',
  'isDefined',
  'min',
  'max',
  'minLength',
  'maxLength',
  'isLength',
  'matches',
  'arrayMinSize',
  'arrayMaxSize',
  'arrayNotEmpty',
  'arrayUnique',
  'nestedValidation',
  'conditionalValidation',
  'whitelistValidation',
]);

export class DtoUnsound extends Error {
  constructor(dto: Dto, property: string, why: string) {
    super(`${dto.name}.${property}: ${why}`);
    this.name = 'DtoUnsound';
  }
}

/** JSON Schemas of DTO classes, made once at boot from their class-validator decorators. A field's initial value becomes its default. */
export class DtoSchemas {
  private readonly classes = new Map<string, Dto>();
  private readonly schemas: Record<string, JsonSchema> = {};

  /** Every schema that was made so far, by class name. */
  get definitions(): Readonly<Record<string, JsonSchema>> {
    return this.schemas;
  }

  /** Makes the schema of a class and of all that it holds; gives a reference to it. @throws DtoUnsound */
  refTo(dto: Dto): JsonSchema {
    const known = this.classes.get(dto.name);
    if (known && known !== dto) throw new DtoUnsound(dto, '*', 'another class has the same name; rename one of them.');
    if (!known) {
      this.classes.set(dto.name, dto);
      this.schemas[dto.name] = this.make(dto);
    }
    return { $ref: `${DEFS}${dto.name}` };
  }

  private make(dto: Dto): JsonSchema {
    for (const meta of metadataOf(dto)) checkSound(dto, meta);
    const made = targetConstructorToSchema(dto, {
      classTransformerMetadataStorage: defaultMetadataStorage,
      refPointerPrefix: DEFS,
      additionalConverters: {
        nestedValidation: (meta) => this.refTo(childOf(dto, meta)),
        isIn: (meta) => ({ enum: meta.constraints[0] as unknown[] }),
        isEnum: (meta) => ({ enum: Object.values(meta.constraints[0] as object) }),
        // What the field is, not what it is not; null is refused by the type beside it.
        isDefined: () => ({}),
      },
    }) as ObjectSchema;
    return withDefaults(dto, {
      ...made,
      type: 'object',
      properties: made.properties ?? {},
      additionalProperties: false,
    });
  }
}

interface NamedMetadata extends ValidationMetadata {
  /** The name of the rule, as in PROVEN. */
  readonly rule: string;
}

function metadataOf(dto: Dto): NamedMetadata[] {
  const storage = getMetadataStorage();
  return storage.getTargetValidationMetadatas(dto, '', true, false).map((meta) => {
    // Despite their types, `constraintCls` is missing on rules without one, and `each` unless it was asked for.
    const rule = meta.constraintCls as typeof meta.constraintCls | undefined;
    const [constraint] = rule ? storage.getTargetValidatorConstraints(rule) : [];
    const each = (meta.each as boolean | undefined) ?? false;
    return Object.assign(Object.create(meta) as ValidationMetadata, { rule: constraint?.name ?? meta.type, each });
  });
}

function checkSound(dto: Dto, meta: NamedMetadata): void {
  const { propertyName: property, rule } = meta;
  const beside = metadataOf(dto).filter((other) => other.propertyName === property);
  const has = (name: string, each: boolean) => beside.some((other) => other.rule === name && other.each === each);
  if (meta.name === 'isOptional')
    throw new DtoUnsound(
      dto,
      property,
      'IsOptional lets null in; use Optional (and Nullable where null has a meaning).',
    );
  if (!PROVEN.has(rule))
    throw new DtoUnsound(
      dto,
      property,
      `${rule} is not proven to mean the same to Ajv; say it with Matches, IsIn, Min...`,
    );
  if (meta.each && !has('isArray', false)) throw new DtoUnsound(dto, property, '`each` needs IsArray beside it.');
  if (rule === 'nestedValidation' && !has('isObject', meta.each))
    throw new DtoUnsound(dto, property, 'ValidateNested needs IsObject (with the same `each`) beside it.');
  if (rule === 'matches') {
    const { flags } = meta.constraints[0] as RegExp;
    if (flags !== '' && flags !== 'u') throw new DtoUnsound(dto, property, 'JSON Schema has no flags for patterns.');
  }
}

/** What `@Type` says about a property, if anything does. */
function noteOf(dto: Dto, property: string): { readonly typeFunction: () => unknown } | undefined {
  return defaultMetadataStorage.findTypeMetadata(dto, property);
}

function childOf(dto: Dto, meta: { propertyName: string }): Dto {
  const noted = noteOf(dto, meta.propertyName);
  const child: unknown =
    noted?.typeFunction() ?? Reflect.getMetadata('design:type', dto.prototype as object, meta.propertyName);
  if (typeof child !== 'function' || child === Array || child === Object)
    throw new DtoUnsound(dto, meta.propertyName, 'say with Type(() => Class) what it holds.');
  return child as Dto;
}

function withDefaults(dto: Dto, schema: ObjectSchema): JsonSchema {
  const initial = new dto() as Record<string, unknown>;
  const properties: Record<string, Record<string, unknown>> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const nullable = isNullable(dto.prototype as object, name) ? orNull(property) : property;
    properties[name] = initial[name] === undefined ? nullable : { ...nullable, default: initial[name] };
  }
  const required = Object.keys(properties).filter((name) => initial[name] === undefined && isMandatory(dto, name));
  const { required: _given, ...rest } = schema;
  return { ...rest, properties, ...(required.length > 0 && { required }) };
}

/** Whether class-validator would complain of its absence: it has a rule, and no condition (Optional) waives the rules. */
function isMandatory(dto: Dto, property: string): boolean {
  const metas = metadataOf(dto).filter((meta) => meta.propertyName === property);
  if (metas.every(({ rule }) => rule === 'whitelistValidation')) return false;
  return metas
    .filter(({ rule }) => rule === 'conditionalValidation')
    .every(({ constraints }) => (constraints[0] as (object: object, value: unknown) => boolean)({}, undefined));
}

function orNull(schema: Record<string, unknown>): Record<string, unknown> {
  const { description, examples, ...rest } = schema;
  const about = { ...(description !== undefined && { description }), ...(examples !== undefined && { examples }) };
  return { ...about, anyOf: [rest, { type: 'null' }] };
}
