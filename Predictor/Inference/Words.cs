using System.Text;
using Sluice.Contracts;

namespace Sluice.Predictor.Inference;

/// <summary>Things of a request in words, for messages.</summary>
internal static class Words
{
    private const int Longest = 40;

    /// <summary>E.g. <c>features (FP32 [-1, 13])</c>.</summary>
    public static string Of(TensorSpec spec) => $"{spec.Name} ({spec.Datatype} {ShapeText.Of(spec.Shape)})";

    /// <summary>Names in quotes, with commas between.</summary>
    public static string List(IEnumerable<string> names) => string.Join(", ", names.Select(Quoted));

    /// <summary>A caller's text in quotes, cut to a length that is fit for a message.</summary>
    public static string Quoted(string text) => $"\"{Cut(text)}\"";

    /// <summary>A caller's token as it was written, cut.</summary>
    public static string Raw(ReadOnlySpan<byte> token) => Cut(Encoding.UTF8.GetString(token[..Math.Min(token.Length, Longest * 4)]));

    /// <summary>A caller's text, cut to a length that is fit for a message.</summary>
    public static string Cut(string text) => text.Length <= Longest ? text : string.Concat(text.AsSpan(0, Longest), "…");
}
