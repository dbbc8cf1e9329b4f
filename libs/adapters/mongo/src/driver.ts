import type { mongo } from 'mongoose';

/** The driver's types, as mongoose brings them. */
export type Binary = mongo.Binary;
export type BulkOperation<T extends Document> = mongo.AnyBulkWriteOperation<T>;
export type Collection<T extends Document> = mongo.Collection<T>;
export type Db = mongo.Db;
export type Document = mongo.Document;
export type Filter<T> = mongo.Filter<T>;
export type FindCursor<T> = mongo.FindCursor<T>;
export type IndexDescription = mongo.IndexDescription;
export type WithId<T> = mongo.WithId<T>;
