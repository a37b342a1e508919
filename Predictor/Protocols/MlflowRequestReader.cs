using System.Text.Json;
using Sluice.Predictor.Inference;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor.Protocols;

/// <summary>Reads the JSON of MLflow's scoring protocol: exactly one of its four forms.</summary>
/// <param name="body">The JSON as a whole.</param>
/// <param name="signature">What the model takes.</param>
/// <param name="request">Takes over the tensors.</param>
internal sealed class MlflowRequestReader(ReadOnlyMemory<byte> body, SessionSignature signature, InferenceRequest request)
{
    private const string Forms = "one of inputs, instances, dataframe_split, dataframe_records";
    private static readonly string[] OfLanguageModels = ["messages", "prompt", "input"];

    private readonly JsonInputs _inputs = new(body, signature, request);
    private string? _form;

    /// <summary>Reads the object that the reader stands on.</summary>
    public void Read(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = JsonBody.ReadName(ref reader, "The body");
            reader.Read();
            switch (key)
            {
                case "inputs":
                    Only(key);
                    _inputs.ReadColumns(ref reader, key);
                    break;
                case "instances":
                    Only(key);
                    _inputs.ReadRows(ref reader, key);
                    break;
                case "dataframe_split":
                    Only(key);
                    new TableInputs(signature, request).Add(JsonTable.OfSplit(ref reader, body, key), key);
                    break;
                case "dataframe_records":
                    Only(key);
                    new TableInputs(signature, request).Add(JsonTable.OfRecords(ref reader, body, key), key);
                    break;
                default:
                    ReadOther(ref reader, key);
                    break;
            }
        }

        _ = _form ?? throw InferenceException.Client($"The body has no data: {Forms} is missing.");
    }

    private void Only(string key)
    {
        if (_form is not null)
        {
            throw InferenceException.Client(_form == key ? $"{key} is there twice." : $"The body has both {_form} and {key}: send {Forms}.");
        }

        _form = key;
    }

    private static void ReadOther(ref Utf8JsonReader reader, string key)
    {
        if (key == "params")
        {
            JsonBody.RequireObject(ref reader, key);
        }
        else if (key == "signature_name")
        {
            throw InferenceException.Client("signature_name is not supported: a model has one signature.");
        }
        else if (OfLanguageModels.Contains(key))
        {
            throw InferenceException.Client($"{key} is for language models, this one takes tensors: inputs is missing, or another of {Forms}.");
        }

        reader.Skip();
    }
}
