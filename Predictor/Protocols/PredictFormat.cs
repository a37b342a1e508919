using System.Text.Json;
using Sluice.Contracts;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>The plain form: <c>{"inputs": …}</c>, or an object whose keys are the inputs' names, gets <c>{"prediction": …}</c>, the primary output.</summary>
/// <remarks>Of a classifier with labels the names of the classes come along. A list with one dimension less than the model takes is one row.</remarks>
internal sealed class PredictFormat : IInferenceFormat
{
    private const string Inputs = "inputs";

    public InferenceProtocol Protocol => InferenceProtocol.V2; // the same form of errors

    public async ValueTask<InferenceRequest> ReadAsync(RequestBody body, AskedVersion asked, CancellationToken cancellationToken)
    {
        JsonBody.CheckCharset(body.Request);
        using var whole = await body.ReadAsync(cancellationToken);
        var text = JsonBody.WithoutMark(whole.WrittenMemory);
        var request = new InferenceRequest();
        try
        {
            JsonBody.Read(text.Span, (ref Utf8JsonReader reader) => Read(ref reader, text, asked.Signature, request));
            request.Outputs = [PrimaryOutput.NameOf(asked)];
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
        var classes = answer.Classes?.Read(answer.Outputs);
        using var writer = new Utf8JsonWriter(target, JsonAnswer.Options);
        writer.WriteStartObject();
        writer.WritePropertyName("prediction"u8);
        if (classes is not null && answer.Outputs[0].Datatype == Datatype.Fp32)
        {
            WriteList(writer, classes, static (writer, index) => writer.WriteNumberValue(index)); // of scores, the class is what matters
        }
        else
        {
            JsonTensorWriter.WriteNested(writer, answer.Outputs[0]);
        }

        if (classes is not null)
        {
            var labels = answer.Classes!.Labels;
            writer.WritePropertyName("labels"u8);
            WriteList(writer, classes, (writer, index) => writer.WriteStringValue(index < 0 ? null : labels[(int)index]));
        }

        writer.WriteEndObject();
        return null;
    }

    private static void WriteList(Utf8JsonWriter writer, long[] values, Action<Utf8JsonWriter, long> write)
    {
        writer.WriteStartArray();
        foreach (var value in values)
        {
            write(writer, value);
        }

        writer.WriteEndArray();
    }

    private static void Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, SessionSignature signature, InferenceRequest request)
    {
        var inputs = new JsonInputs(body, signature, request);
        var whole = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(Inputs) && signature.FindInput(Inputs) is null)
            {
                JsonBody.Once(ref whole, Inputs);
                if (request.Inputs.Count > 0)
                {
                    throw InferenceException.Client("Send inputs, or the inputs by their names, not both.");
                }

                reader.Read();
                inputs.ReadColumns(ref reader, Inputs);
            }
            else
            {
                inputs.ReadNamed(ref reader, "The body", oneRow: true);
            }
        }
    }
}
