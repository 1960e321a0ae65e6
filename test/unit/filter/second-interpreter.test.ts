import { describe, expect, it } from 'vitest';
import { AUDIT_ARCH, Simulator } from '../../../src/filter/index.js';
import type { Instruction } from '../../../src/filter/inspect/instructions.js';
import { decodeFilter } from '../../../src/filter/inspect/instructions.js';
import { ANSWERS, drawsOf, randomBytes, randomCall, randomProgram } from './random-programs.js';
import type { Draw } from './random-programs.js';
import { interpret } from './second-interpreter.js';

/** More programs, for a longer search: PROGRAMS=100000 SEED=7 npx vitest run ... */
const PROGRAMS = Number(process.env['PROGRAMS'] ?? 1500);
const SEED = Number(process.env['SEED'] ?? 20_261_126);
const CALLS = 8;

/** The same program with one field of one instruction changed, or with bytes of chance at its place. */
function changed(draw: Draw, program: readonly Instruction[]): readonly Instruction[] {
  const place = draw(0, program.length - 1);
  return program.map((one, at) => {
    if (at !== place) return one;
    switch (draw(0, 3)) {
      case 0:
        return { ...one, code: draw(0, 0xff) };
      case 1:
        return { ...one, ifTrue: draw(0, 20), ifFalse: draw(0, 20) };
      case 2:
        return { ...one, k: draw(0, 0xffffffff) };
      default:
        return decodeFilter(randomBytes(draw, 8), 'little-endian')[0] ?? one;
    }
  });
}

const RETURN_A: Instruction = { code: 0x16, k: 0, ifTrue: 0, ifFalse: 0 };

const simulatorOf = (program: readonly Instruction[]): Simulator | null => {
  try {
    return new Simulator(program);
  } catch {
    return null;
  }
};

describe('the simulator compared with a second interpreter', () => {
  it(`gives the same answer after as many instructions, for ${PROGRAMS} random programs of all instructions`, () => {
    const draw = drawsOf(SEED);
    const codes = new Set<number>();
    const answers = new Set<number>();
    let [accepted, refused] = [0, 0];
    for (let round = 0; round < PROGRAMS; round += 1) {
      const whole = randomProgram(draw, { length: draw(1, 60), returns: ANSWERS, wild: round % 3 !== 0 });
      const computed = draw(0, 4) === 0 ? [...whole.slice(0, -1), RETURN_A] : whole;
      const program = draw(0, 2) === 0 ? changed(draw, computed) : computed;
      const simulator = simulatorOf(program);
      if (simulator === null) {
        refused += 1;
        continue;
      }
      accepted += 1;
      for (const { code } of program) codes.add(code);
      for (let index = 0; index < CALLS; index += 1) {
        const call = {
          ...randomCall(draw, draw(0, 3) === 0 ? draw(0, 0xffffffff) : AUDIT_ARCH.X86_64, draw(0, 500)),
          instructionPointer: BigInt(draw(0, 0xffffffff)) << BigInt(draw(0, 31)),
        };
        const [own, other] = [simulator.execute(call), interpret(program, call)];
        answers.add(own.value);
        expect({ seed: SEED, round, own, program, call }).toEqual({ seed: SEED, round, own: other, program, call });
      }
    }
    expect(accepted).toBeGreaterThan(PROGRAMS / 2);
    expect(refused).toBeGreaterThan(0);
    // The 41 instructions a filter may have were among them, and more answers than the returns alone give.
    expect(codes.size).toBeGreaterThanOrEqual(41);
    expect(answers.size).toBeGreaterThan(ANSWERS.length);
  }, 600_000);
});
