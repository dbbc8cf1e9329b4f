/** The same texts in another language: every key of the English ones, and no other. */
export type Shape<T> = { readonly [Key in keyof T]: T[Key] extends string ? string : Shape<T[Key]> };
