import { ValidateIf } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

/** The field may be left out. Unlike class-validator's IsOptional it lets no null in: what is typed `string | undefined` is just that. */
export function Optional(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}

/** The field may be null. */
export function Nullable(): PropertyDecorator {
  return (target, property) => {
    ValidateIf((_object, value) => value !== null)(target, property);
    Reflect.defineMetadata(NULLABLE, true, target, property);
  };
}

const NULLABLE = Symbol('nullable');

export function isNullable(prototype: object, property: string): boolean {
  return Reflect.getMetadata(NULLABLE, prototype, property) === true;
}

/** Says in the API's documentation what a field is for. */
export function Doc(description: string, example?: unknown): PropertyDecorator & ClassDecorator {
  return JSONSchema({ description, ...(example !== undefined && { examples: [example] }) }) as PropertyDecorator &
    ClassDecorator;
}
