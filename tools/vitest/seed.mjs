/** Property tests draw the same values in every run, so that a change alone makes them fail; `GTC_SEED` draws others, as `pnpm soak` does. */
import { configureGlobal } from 'fast-check';

configureGlobal({ seed: Number(process.env.GTC_SEED ?? 0) });
