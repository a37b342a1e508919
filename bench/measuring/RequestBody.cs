using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Sluice.Measuring;

/// <summary>A request as it is sent again and again.</summary>
/// <param name="Path">Where to.</param>
/// <param name="Headers">Beside the host and the length.</param>
/// <param name="Body">The bytes.</param>
public sealed record RequestBody(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The protocol v2 with tensors in JSON.</summary>
    public static RequestBody Json(string model, int rows, int width) => new(
        InferPath(model),
        new Dictionary<string, string> { ["Content-Type"] = "application/json" },
        Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[{{{rows}}},{{{width}}}],"data":[{{{string.Join(',', Values(rows * width).Select(Text))}}}]}]}""")));

    /// <summary>The protocol v2 with tensors as bytes behind the JSON, both ways.</summary>
    public static RequestBody Binary(string model, int rows, int width)
    {
        var header = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","datatype":"FP32","shape":[{{{rows}}},{{{width}}}],"parameters":{"binary_data_size":{{{rows * width * sizeof(float)}}}}}]}"""));
        return new(
            InferPath(model),
            new Dictionary<string, string>
            {
                ["Content-Type"] = "application/octet-stream",
                ["Inference-Header-Content-Length"] = header.Length.ToString(CultureInfo.InvariantCulture),
            },
            [.. header, .. MemoryMarshal.AsBytes(Values(rows * width).AsSpan())]);
    }

    /// <summary>Rows as the simplest server takes them: <c>{"inputs": [[…], …]}</c>.</summary>
    public static RequestBody Rows(string path, params float[][] rows) => new(
        path,
        new Dictionary<string, string> { ["Content-Type"] = "application/json" },
        Encoding.UTF8.GetBytes($$"""{"inputs":[{{string.Join(',', rows.Select(row => $"[{string.Join(',', row.Select(Text))}]"))}}]}"""));

    /// <summary>Between 0 and 1, as pixels are, with three digits.</summary>
    public static float[] Values(int count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(1000) / 1000f)];
    }

    private static string InferPath(string model) => $"/v2/models/{model}/infer";

    private static string Text(float value) => value.ToString(CultureInfo.InvariantCulture);
}
