using System.Text.Json;

namespace Sluice.Contracts;

/// <summary>
/// A request and the answer that a replica must give to it before it may serve. A version's vectors are one file, a JSON array of these, named by
/// <see cref="ModelVersion.Golden"/>; they were checked against the signature when they were registered.
/// </summary>
/// <param name="Inputs">Every input of the signature, by name.</param>
/// <param name="Outputs">At least one output of the signature, by name; those left out are not compared.</param>
/// <param name="Tolerance">How far an output may be off.</param>
public sealed record GoldenVector(
    IReadOnlyDictionary<string, GoldenTensor> Inputs, IReadOnlyDictionary<string, GoldenTensor> Outputs, GoldenTolerance Tolerance);

/// <summary>A tensor of a golden vector; its datatype is the signature's.</summary>
/// <param name="Shape">Its dimensions, none of them open.</param>
/// <param name="Data">
/// A flat JSON array in row-major order, as long as the shape says: numbers that fit the datatype (finite where it is a floating one), true and false
/// for BOOL, texts for BYTES.
/// </param>
public sealed record GoldenTensor(IReadOnlyList<long> Shape, JsonElement Data);

/// <summary>How far a number may be from the expected one: |found - expected| ≤ <paramref name="Absolute"/> + <paramref name="Relative"/> × |expected|.
/// What is not floating must be equal.</summary>
/// <param name="Absolute">0 or more, in the output's unit.</param>
/// <param name="Relative">0 or more, a share of the expected value.</param>
public sealed record GoldenTolerance(double Absolute, double Relative);
