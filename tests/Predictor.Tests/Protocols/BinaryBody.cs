using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Sluice.Predictor.Tests.Protocols;

/// <summary>Bodies of the binary tensor extension.</summary>
internal static class BinaryBody
{
    public const string Header = "Inference-Header-Content-Length";

    /// <summary>JSON with tensors behind it.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="header">What the header says; the length of the JSON unless told.</param>
    /// <param name="tensors">In their order.</param>
    public static ByteArrayContent Of(string json, string? header, params byte[][] tensors)
    {
        var head = Encoding.UTF8.GetBytes(json);
        var content = new ByteArrayContent([.. head, .. tensors.SelectMany(tensor => tensor)]);
        content.Headers.ContentType = new("application/octet-stream");
        content.Headers.TryAddWithoutValidation(Header, header ?? $"{head.Length}");
        return content;
    }

    public static ByteArrayContent Of(string json, params byte[][] tensors) => Of(json, null, tensors);

    public static byte[] Bytes<T>(params T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    /// <summary>Elements of BYTES, each with its length before it.</summary>
    public static byte[] Strings(params byte[][] elements) => [.. elements.SelectMany(element =>
    {
        var prefix = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(prefix, (uint)element.Length);
        return prefix.Concat(element);
    })];

    /// <summary>Splits an answer into its JSON and what follows.</summary>
    public static async Task<(string Json, byte[] Tensors)> SplitAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsByteArrayAsync();
        var head = int.Parse(answer.Headers.GetValues(Header).Single(), System.Globalization.CultureInfo.InvariantCulture);
        return (Encoding.UTF8.GetString(body.AsSpan(0, head)), body[head..]);
    }
}
