using Aspire.Hosting.Kubernetes.Resources;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Yaml;

/// <summary>Writes the number or the text in its place.</summary>
internal sealed class Int32OrStringConverter : IYamlTypeConverter
{
    public bool Accepts(Type type) => type == typeof(Int32OrStringV1);

    public object? ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer) => throw new NotSupportedException("Charts are only written.");

    // By way of the serializer, and not straight to the emitter: what stands before the emitter counts keys and values.
    public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer)
    {
        var written = (Int32OrStringV1)value!;
        serializer(written.Number is { } number ? number : written.Text);
    }
}
