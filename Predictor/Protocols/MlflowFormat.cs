using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Sluice.Contracts;
using Sluice.Predictor.Inference;

namespace Sluice.Predictor.Protocols;

/// <summary>MLflow's scoring protocol: a table, rows, or tensors by name; in JSON or as CSV.</summary>
/// <remarks>Answers <c>{"predictions": …}</c>: nested lists of the one output, or an object of them by the outputs' names (<see cref="PredictorOptions.Predictions"/>).</remarks>
internal sealed class MlflowFormat(IOptions<PredictorOptions> options) : IInferenceFormat
{
    public InferenceProtocol Protocol => InferenceProtocol.MlflowScoring;

    public async ValueTask<InferenceRequest> ReadAsync(RequestBody body, AskedVersion asked, CancellationToken cancellationToken)
    {
        var isCsv = IsCsv(body.Request);
        using var whole = await body.ReadAsync(cancellationToken);
        var text = JsonBody.WithoutMark(whole.WrittenMemory);
        var request = new InferenceRequest();
        try
        {
            if (isCsv)
            {
                new TableInputs(asked.Signature, request).Add(CsvTable.Read(text), "csv");
            }
            else
            {
                var reader = new MlflowRequestReader(text, asked.Signature, request);
                JsonBody.Read(text.Span, reader.Read);
            }

            request.Outputs = options.Value.Predictions == PredictorOptions.Primary ? [PrimaryOutput.NameOf(asked)] : [];
            request.Complete(asked.Signature);
            JsonDatatypes.CheckOutputs(request, asked.Signature);
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    public IReadOnlyList<int>? Write(PooledBuffer target, in InferenceAnswer answer)
    {
        using var writer = new Utf8JsonWriter(target, JsonAnswer.Options);
        writer.WriteStartObject();
        writer.WritePropertyName("predictions"u8);
        if (answer.Outputs.Count == 1 && options.Value.Predictions != PredictorOptions.Named)
        {
            JsonTensorWriter.WriteNested(writer, answer.Outputs[0]);
        }
        else
        {
            JsonAnswer.WriteNamed(writer, answer.Outputs);
        }

        writer.WriteEndObject();
        return null;
    }

    private static bool IsCsv(HttpRequest request)
    {
        var type = JsonBody.CheckCharset(request);
        if (string.IsNullOrEmpty(request.ContentType))
        {
            return false;
        }

        var isCsv = type?.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase) ?? false;
        var isJson = type?.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) ?? false;
        return (isCsv || isJson) && !type!.Parameters.Any(IsUnknown)
            ? isCsv
            : throw JsonBody.Unsupported($"The content type {Words.Quoted(request.ContentType)} is not supported: send application/json or text/csv, in UTF-8.");
    }

    private static bool IsUnknown(NameValueHeaderValue parameter) => !parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase);
}
