using System.Buffers;
using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Registry.Models;

/// <summary>
/// Golden vectors as they are told: a list of them, or one. A tensor is <c>{"shape": […], "data": […]}</c>, or nested arrays, whose shape is taken from
/// them; the tolerance is <c>{"absolute": …, "relative": …}</c>, or one number for both. They are checked against the signature, and kept in one form:
/// a JSON array of <see cref="GoldenVector"/>.
/// </summary>
internal sealed class GoldenVectors
{
    /// <summary>Bytes of JSON, as told and as kept.</summary>
    public const int LargestFile = 4 << 20;

    /// <summary>What the file that is kept is called, and one in an artifact that is taken.</summary>
    public const string FileName = "golden.json";

    /// <summary>The form in words, for errors.</summary>
    public const string Form =
        """[{"inputs": {name: {"shape": […], "data": […]}}, "outputs": {…}, "tolerance": {"absolute": 1e-4, "relative": 1e-3}}]""";

    private const int MostVectors = 100;
    private const double DefaultAbsolute = 1e-4;
    private const double DefaultRelative = 1e-3;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 24 };

    private readonly ModelSignature _signature;
    private readonly Utf8JsonWriter _writer;

    private GoldenVectors(ModelSignature signature, Utf8JsonWriter writer)
    {
        _signature = signature;
        _writer = writer;
    }

    /// <summary>Checks vectors, and writes them in the form that is kept.</summary>
    /// <param name="told">The vectors.</param>
    /// <param name="where">What they are called, to begin a place in an error.</param>
    /// <param name="signature">What they must fit.</param>
    /// <exception cref="BadHttpRequestException">422: the message names the place and what was expected there.</exception>
    public static byte[] Write(JsonElement told, string where, ModelSignature signature)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            new GoldenVectors(signature, writer).WriteAll(told, where);
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>The same, of a JSON text.</summary>
    /// <exception cref="BadHttpRequestException">422: it is no JSON, or not as expected.</exception>
    public static byte[] Write(ReadOnlyMemory<byte> json, string where, ModelSignature signature)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            return Write(document.RootElement, where, signature);
        }
        catch (JsonException exception)
        {
            throw Wrong(where, $"no JSON from line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} on; {Form} is expected");
        }
    }

    private void WriteAll(JsonElement told, string where)
    {
        // One vector alone is a list of one.
        var isList = told.ValueKind == JsonValueKind.Array;
        var count = isList ? told.GetArrayLength() : 1;
        if (count is 0 or > MostVectors)
        {
            throw Wrong(where, $"1 to {MostVectors} vectors are expected, {count} came");
        }

        _writer.WriteStartArray();
        for (var i = 0; i < count; i++)
        {
            WriteVector(isList ? told[i] : told, isList ? $"{where}[{i}]" : where);
        }

        _writer.WriteEndArray();
    }

    private void WriteVector(JsonElement vector, string where)
    {
        var fields = Fields(vector, where, Form);
        if (fields.Keys.FirstOrDefault(name => name is not ("inputs" or "outputs" or "tolerance")) is { } unknown)
        {
            throw Wrong($"{where}.{unknown}", "not a field of a golden vector; inputs, outputs and tolerance are");
        }

        _writer.WriteStartObject();
        WriteTensors("inputs", fields.GetValueOrDefault("inputs"), where, _signature.Inputs);
        WriteTensors("outputs", fields.GetValueOrDefault("outputs"), where, _signature.Outputs);
        WriteTolerance(fields.GetValueOrDefault("tolerance"), $"{where}.tolerance");
        _writer.WriteEndObject();
        if (_writer.BytesCommitted + _writer.BytesPending > LargestFile)
        {
            throw Wrong(where, $"the vectors up to here take more than {LargestFile >> 20} MiB");
        }
    }

    private void WriteTensors(string role, JsonElement tensors, string vector, IReadOnlyList<TensorSpec> specs)
    {
        var where = $"{vector}.{role}";
        var named = Fields(tensors, where, "an object of tensors by name");
        var known = string.Join(", ", specs.Take(20).Select(spec => spec.Name));
        if (named.Keys.FirstOrDefault(name => specs.All(spec => spec.Name != name)) is { } unknown)
        {
            throw Wrong($"{where}.{unknown}", $"the signature has no such tensor; it has {known}");
        }

        // All inputs make a request; of the outputs those are compared that are told.
        var missing = role == "inputs" ? specs.FirstOrDefault(spec => !named.ContainsKey(spec.Name)) : named.Count == 0 ? specs[0] : null;
        if (missing is not null)
        {
            throw Wrong($"{where}.{missing.Name}", "missing");
        }

        _writer.WriteStartObject(role);
        foreach (var spec in specs.Where(spec => named.ContainsKey(spec.Name)))
        {
            _writer.WritePropertyName(spec.Name);
            new GoldenTensorWriter(_writer, spec, $"{where}.{spec.Name}").Write(named[spec.Name]);
        }

        _writer.WriteEndObject();
    }

    private void WriteTolerance(JsonElement tolerance, string where)
    {
        var (absolute, relative) = (DefaultAbsolute, DefaultRelative);
        if (tolerance.ValueKind == JsonValueKind.Number)
        {
            absolute = relative = Amount(tolerance, where);
        }
        else if (tolerance.ValueKind != JsonValueKind.Undefined)
        {
            foreach (var (name, value) in Fields(tolerance, where, "a number, or an object of absolute and relative,"))
            {
                var amount = Amount(value, $"{where}.{name}");
                _ = name switch
                {
                    "absolute" => absolute = amount,
                    "relative" => relative = amount,
                    _ => throw Wrong($"{where}.{name}", "not a field of a tolerance; absolute and relative are"),
                };
            }
        }

        _writer.WriteStartObject("tolerance");
        _writer.WriteNumber("absolute", absolute);
        _writer.WriteNumber("relative", relative);
        _writer.WriteEndObject();
    }

    private static double Amount(JsonElement value, string where) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var amount) && double.IsFinite(amount) && amount >= 0
            ? amount
            : throw Wrong(where, "a finite number from 0 is expected");

    private static Dictionary<string, JsonElement> Fields(JsonElement element, string where, string form)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(where, element.ValueKind == JsonValueKind.Undefined ? "missing" : $"{form} is expected");
        }

        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in element.EnumerateObject())
        {
            var name = GoldenTensorWriter.TryRead(() => field.Name) ?? throw Wrong(where, "a name is not Unicode text");
            if (!fields.TryAdd(name, field.Value))
            {
                throw Wrong($"{where}.{name}", "given twice");
            }
        }

        return fields;
    }

    /// <summary>422, with the place.</summary>
    public static BadHttpRequestException Wrong(string where, string problem) => new($"{where}: {problem}.", StatusCodes.Status422UnprocessableEntity);
}
