using System.Globalization;
using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Predictor.Tests.Samples;

/// <summary>The files of a sample version, and real rows to ask the wines with.</summary>
internal static class Sample
{
    /// <summary>Every model and version that lies in the samples' folder.</summary>
    public static IEnumerable<(string Model, int Version)> All { get; } =
    [
        .. Directory.EnumerateFiles(Repository.PathOf("samples"), "model.onnx", SearchOption.AllDirectories)
            .Select(file => file.Split(Path.DirectorySeparatorChar)[^3..^1])
            .Select(parts => (parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture)))
            .Order(),
    ];

    public static byte[] Graph(string model, int version) => File.ReadAllBytes(PathOf(model, version, "model.onnx"));

    public static JsonElement Read(string model, int version, string file) => JsonElement.Parse(File.ReadAllText(PathOf(model, version, file)));

    /// <summary>Wines that no version was trained with: 13 features and the right label a row.</summary>
    public static IReadOnlyList<(float[] Features, long Label)> HeldOutWines() =>
    [
        .. File.ReadLines(Repository.PathOf("samples", "wine", "held_out.csv")).Skip(1)
            .Select(line => line.Split(',').Select(cell => float.Parse(cell, CultureInfo.InvariantCulture)).ToArray())
            .Select(cells => (cells[..^1], (long)cells[^1])),
    ];

    private static string PathOf(string model, int version, string file) =>
        Repository.PathOf("samples", model, version.ToString(CultureInfo.InvariantCulture), file);
}
