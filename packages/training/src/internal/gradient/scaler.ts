/** Scales of losses for gradients in 16 bits. */
import { integer, positive, ValidationError } from '@gtc/errors';
import { all as every, isfinite, mul, mul_, type Tensor } from '@gtc/tensor';

/** Settings of {@link GradScaler}; defaults are torch's. */
export interface GradScalerOptions {
  /** Default: 65,536. */
  readonly initScale?: number;
  /** Default: 2. */
  readonly growthFactor?: number;
  /** Default: 0.5. */
  readonly backoffFactor?: number;
  /** Steps without overflow after which the scale grows. Default: 2,000. */
  readonly growthInterval?: number;
}

/** What takes steps. */
interface Stepping {
  readonly params: readonly Tensor[];
  step(): void;
}

/**
 * A scale for the loss that grows while gradients are finite and falls when they are not; such steps are left out.
 *
 * @throws {ValidationError} for a growth that is not above 1 or a fall that is not below 1
 * @remarks Python: `torch.amp.GradScaler(init_scale, growth_factor, backoff_factor, growth_interval)`; the same scales and steps.
 * @example new GradScaler({ initScale: 1024 }).scaleFactor // => 1024
 */
export class GradScaler {
  readonly #options: Required<GradScalerOptions>;
  #scale: number;
  #good = 0;
  #overflow = false;
  #unscaled = false;

  constructor(options: GradScalerOptions = {}) {
    this.#options = { initScale: 65536, growthFactor: 2, backoffFactor: 0.5, growthInterval: 2000, ...options };
    const { initScale, growthFactor, backoffFactor, growthInterval } = this.#options;
    this.#scale = positive(initScale, 'initScale');
    positive(integer(growthInterval, 'growthInterval'), 'growthInterval');
    if (!(growthFactor > 1))
      throw new ValidationError(`growthFactor must be above 1, got ${growthFactor}`, { parameter: 'growthFactor', received: growthFactor });
    if (!(backoffFactor < 1 && backoffFactor > 0))
      throw new ValidationError(`backoffFactor must be in (0, 1), got ${backoffFactor}`, { parameter: 'backoffFactor', received: backoffFactor });
  }

  /** The scale now. */
  get scaleFactor(): number {
    return this.#scale;
  }

  /** A loss times the scale. @remarks Python: `scaler.scale(loss)`. */
  scale(loss: Tensor): Tensor {
    return mul(loss, this.#scale);
  }

  /** Divides gradients by the scale, once a step, and looks whether they are finite. @remarks Python: `scaler.unscale_(optimizer)`. */
  unscale({ params }: Pick<Stepping, 'params'>): void {
    if (this.#unscaled) return;
    this.#unscaled = true;
    for (const { grad } of params) {
      if (grad === null) continue;
      this.#overflow ||= !every(isfinite(grad)).item();
      mul_(grad, 1 / this.#scale);
    }
  }

  /** Steps, unless gradients are not finite. @returns whether it stepped @remarks Python: `scaler.step(optimizer)`. */
  step(optimizer: Stepping): boolean {
    this.unscale(optimizer);
    if (this.#overflow) return false;
    optimizer.step();
    return true;
  }

  /** Moves the scale, after the steps of all optimizers. @remarks Python: `scaler.update()`. */
  update(): void {
    const { growthFactor, backoffFactor, growthInterval } = this.#options;
    if (this.#overflow) {
      this.#scale *= backoffFactor;
      this.#good = 0;
    } else if (++this.#good === growthInterval) {
      this.#scale *= growthFactor;
      this.#good = 0;
    }
    this.#overflow = false;
    this.#unscaled = false;
  }
}
