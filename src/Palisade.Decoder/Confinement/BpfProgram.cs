using System.Runtime.InteropServices;

namespace Palisade.Decoder.Confinement;

/// <summary>
/// Assembles a classic BPF program over a system call's facts (struct seccomp_data: number, architecture, instruction
/// pointer, six arguments).
/// </summary>
/// <remarks>
/// Every block starts with the call's number in the accumulator. A block whose number fits ends in a decision, so
/// the next block finds the accumulator as it was.
/// </remarks>
internal sealed class BpfProgram
{
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAtLeast = 0x35;
    private const ushort JumpIfAnyBit = 0x45;
    private const ushort Return = 0x06;

    private const uint Allow = 0x7FFF0000;
    private const uint Refuse = 0x00050000;
    private const uint KillProcess = 0x80000000;

    private const uint ArchitectureX64 = 0xC000003E;

    /// <summary>System calls of the x32 form carry this bit.</summary>
    private const uint X32Bit = 0x40000000;

    private readonly List<Instruction> _instructions = [];

    public BpfProgram()
    {
        // Another form of system calls has other numbers: whoever uses one is past talking to.
        Add(LoadWord, 4);
        Add(JumpIfEqual, ArchitectureX64, ifTrue: 1);
        Add(Return, KillProcess);
        Add(LoadWord, 0);
        Add(JumpIfAtLeast, X32Bit, ifFalse: 1);
        Add(Return, KillProcess);
    }

    public int Length => _instructions.Count;

    public Instruction[] ToArray() => [.. _instructions];

    public void AllowCall(int number)
    {
        Add(JumpIfEqual, (uint)number, ifFalse: 1);
        Add(Return, Allow);
    }

    public void RefuseCall(int number, int error)
    {
        Add(JumpIfEqual, (uint)number, ifFalse: 1);
        Add(Return, Refuse | (uint)error);
    }

    public void AllowCallIfEquals(int number, int argument, int otherwise, params ReadOnlySpan<uint> values)
    {
        Add(JumpIfEqual, (uint)number, ifFalse: (byte)(2 + (2 * values.Length)));
        Add(LoadWord, LowWord(argument));
        foreach (var value in values)
        {
            Add(JumpIfEqual, value, ifFalse: 1);
            Add(Return, Allow);
        }

        Add(Return, Refuse | (uint)otherwise);
    }

    public void AllowCallIfAnyBit(int number, int argument, uint bits, int otherwise)
    {
        Add(JumpIfEqual, (uint)number, ifFalse: 4);
        Add(LoadWord, LowWord(argument));
        Add(JumpIfAnyBit, bits, ifFalse: 1);
        Add(Return, Allow);
        Add(Return, Refuse | (uint)otherwise);
    }

    public void AllowCallIfNoBit(int number, int argument, uint bits, int otherwise)
    {
        Add(JumpIfEqual, (uint)number, ifFalse: 4);
        Add(LoadWord, LowWord(argument));
        Add(JumpIfAnyBit, bits, ifTrue: 1);
        Add(Return, Allow);
        Add(Return, Refuse | (uint)otherwise);
    }

    /// <summary>A pointer has two words, and both must be zero.</summary>
    public void AllowCallIfNull(int number, int argument, int otherwise)
    {
        Add(JumpIfEqual, (uint)number, ifFalse: 6);
        Add(LoadWord, LowWord(argument));
        Add(JumpIfEqual, 0, ifFalse: 3);
        Add(LoadWord, LowWord(argument) + 4);
        Add(JumpIfEqual, 0, ifFalse: 1);
        Add(Return, Allow);
        Add(Return, Refuse | (uint)otherwise);
    }

    public void RefuseTheRest(int error) => Add(Return, Refuse | (uint)error);

    private static uint LowWord(int argument) => (uint)(16 + (8 * argument));

    private void Add(ushort code, uint value, byte ifTrue = 0, byte ifFalse = 0) =>
        _instructions.Add(new Instruction { Code = code, IfTrue = ifTrue, IfFalse = ifFalse, Value = value });

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Instruction
    {
        public ushort Code;
        public byte IfTrue;
        public byte IfFalse;
        public uint Value;
    }
}
