using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.GpuBench;

/// <summary>One request of the v2 protocol, made once and sent again and again: with binary tensors where the server offers them, else in JSON.</summary>
internal sealed class Inference
{
    private const string BinaryExtension = "binary_tensor_data";
    private const string HeaderLength = "Inference-Header-Content-Length";

    private readonly HttpClient _http;
    private readonly byte[] _body;
    private readonly int? _headerLength;

    private Inference(HttpClient http, byte[] body, int? headerLength, int rows) => (_http, _body, _headerLength, Rows) = (http, body, headerLength, rows);

    /// <summary>Rows that it asks about.</summary>
    public int Rows { get; }

    /// <summary>Whether the server takes and gives binary tensors.</summary>
    public static async Task<bool> IsBinaryOfferedAsync(HttpClient http)
    {
        using var metadata = JsonDocument.Parse(await http.GetStreamAsync(InferencePaths.ServerMetadata));
        return metadata.RootElement.TryGetProperty("extensions", out var extensions) && extensions.EnumerateArray().Any(name => name.ValueEquals(BinaryExtension));
    }

    public static Inference Of(HttpClient http, bool binary, float[] rows) => binary ? Binary(http, rows) : Json(http, rows);

    /// <summary>Sends it and reads the answer.</summary>
    /// <exception cref="InvalidOperationException">The answer is an error.</exception>
    public async Task<byte[]> SendAsync()
    {
        using var answer = await PostAsync();
        return await answer.Content.ReadAsByteArrayAsync();
    }

    /// <summary>Sends it and reads the numbers of the answer.</summary>
    public async Task<float[]> ComputeAsync()
    {
        using var answer = await PostAsync();
        var body = await answer.Content.ReadAsByteArrayAsync();
        if (answer.Headers.TryGetValues(HeaderLength, out var length))
        {
            return MemoryMarshal.Cast<byte, float>(body.AsSpan(int.Parse(length.Single(), CultureInfo.InvariantCulture))).ToArray();
        }

        using var json = JsonDocument.Parse(body);
        return [.. json.RootElement.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(number => number.GetSingle())];
    }

    private static Inference Json(HttpClient http, float[] rows)
    {
        var data = string.Join(',', rows.Select(number => number.ToString("R", CultureInfo.InvariantCulture)));
        var count = rows.Length / Mlp.Inputs;
        var body = $$"""{"inputs":[{"name":"x","shape":[{{count}},{{Mlp.Inputs}}],"datatype":"FP32","data":[{{data}}]}]}""";
        return new Inference(http, Encoding.UTF8.GetBytes(body), null, count);
    }

    private static Inference Binary(HttpClient http, float[] rows)
    {
        var count = rows.Length / Mlp.Inputs;
        var data = MemoryMarshal.AsBytes(rows.AsSpan());
        var header = Encoding.UTF8.GetBytes($$$"""
            {"inputs":[{"name":"x","shape":[{{{count}}},{{{Mlp.Inputs}}}],"datatype":"FP32","parameters":{"binary_data_size":{{{data.Length}}}}}],
            "outputs":[{"name":"y","parameters":{"binary_data":true}}]}
            """);
        return new Inference(http, [.. header, .. data], header.Length, count);
    }

    private async Task<HttpResponseMessage> PostAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v2/models/{Servers.Model}/infer") { Content = new ByteArrayContent(_body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(_headerLength is null ? "application/json" : "application/octet-stream");
        if (_headerLength is { } length)
        {
            request.Headers.Add(HeaderLength, length.ToString(CultureInfo.InvariantCulture));
        }

        var answer = await _http.SendAsync(request);
        if (!answer.IsSuccessStatusCode)
        {
            using (answer)
            {
                throw new InvalidOperationException($"The Predictor answers {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            }
        }

        return answer;
    }
}
