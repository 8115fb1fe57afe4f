/** Golden vectors, evidence, definition sweeps, property generators and file mutation for your own tests. */
export { definitionArbitrary, fieldArbitrary, hostileText, tensorArbitrary } from './arbitrary.js';
export { type Case, CheckError, check } from './case.js';
export { differs, EXACT, sameNumber, type Tolerance } from './compare.js';
export { camelCase, decode } from './encoding.js';
export { type Answer, decodeEvidence, type EvidenceCase, evidenceCases, type Input, type Topic, toleranceOf } from './evidence.js';
export { type GradcheckOptions, gradcheck } from './gradcheck.js';
export { type Mutant, type MutantOptions, mutant, mutantCases } from './mutate.js';
export { PARITY_TOLERANCE, parityCases, replay, type Vector } from './parity.js';
export { sweep, sweepEnum } from './sweep.js';
