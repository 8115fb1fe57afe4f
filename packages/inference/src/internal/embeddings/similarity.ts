/** Cosine, distance and product of vectors. */
import { nonEmpty, sameLength } from '@gtc/errors';
import { cosine, dot, norm } from '@gtc/tensor/statistics';

/** A vector. */
export type Vector = readonly number[];

/** Refuses empty vectors and those of different lengths. */
export function sameVectors(vecA: Vector, vecB: Vector): void {
  nonEmpty(vecA, 'vecA');
  sameLength({ vecA, vecB });
}

/**
 * Cosine of the angle between two vectors, 0 where one is zero.
 *
 * @throws {ValidationError} for empty vectors
 * @throws {ShapeError} for vectors of different lengths
 * @remarks Python: `hf_gtc.inference.embeddings.cosine_similarity(vec_a, vec_b)`; within 1e-12.
 * @example cosineSimilarity([1, 0], [1, 0]) // => 1
 */
export function cosineSimilarity(vecA: readonly number[], vecB: readonly number[]): number {
  sameVectors(vecA, vecB);
  return cosine(vecA, vecB);
}

/**
 * Length of the difference of two vectors.
 *
 * @throws {ValidationError} for empty vectors
 * @throws {ShapeError} for vectors of different lengths
 * @remarks Python: `hf_gtc.inference.embeddings.euclidean_distance(vec_a, vec_b)`; within 1e-12.
 * @example euclideanDistance([0, 0], [3, 4]) // => 5
 */
export function euclideanDistance(vecA: readonly number[], vecB: readonly number[]): number {
  sameVectors(vecA, vecB);
  return norm(vecA.map((value, index) => value - vecB[index]!));
}

/**
 * Sum of the products of two vectors.
 *
 * @throws {ValidationError} for empty vectors
 * @throws {ShapeError} for vectors of different lengths
 * @remarks Python: `hf_gtc.inference.embeddings.dot_product_similarity(vec_a, vec_b)`; within 1e-12.
 * @example dotProductSimilarity([1, 2], [3, 4]) // => 11
 */
export function dotProductSimilarity(vecA: readonly number[], vecB: readonly number[]): number {
  sameVectors(vecA, vecB);
  return dot(vecA, vecB);
}
