/** How a test meets a refusal. */
import { GtcError } from '@gtc/errors';

/** The refusal that an action meets. */
export function refusal(action: () => unknown): GtcError {
  try {
    action();
  } catch (error) {
    if (error instanceof GtcError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
