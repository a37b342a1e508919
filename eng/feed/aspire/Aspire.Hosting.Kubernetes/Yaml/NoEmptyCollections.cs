using System.Collections;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.ObjectGraphVisitors;

namespace Aspire.Hosting.Kubernetes.Yaml;

/// <summary>Leaves out members that are collections without anything in them. An entry of a dictionary stays, whatever it holds.</summary>
internal sealed class NoEmptyCollections(IObjectGraphVisitor<IEmitter> next) : ChainedObjectGraphVisitor(next)
{
    public override bool EnterMapping(IPropertyDescriptor key, IObjectDescriptor value, IEmitter context, ObjectSerializer serializer) =>
        (value.Value is not IEnumerable items || value.Value is string || items.Cast<object>().Any()) && base.EnterMapping(key, value, context, serializer);
}
