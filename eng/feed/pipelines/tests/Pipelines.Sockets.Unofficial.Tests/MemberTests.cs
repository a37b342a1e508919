using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using StackExchange.Redis;

namespace Pipelines.Sockets.Unofficial.Tests;

/// <summary>What StackExchange.Redis calls is there, under the names and signatures that it was compiled with.</summary>
public sealed class MemberTests
{
    private static readonly Module Client = typeof(ConnectionMultiplexer).Module;

    // Members that the client names are looked up with some types in the place of type parameters.
    private static readonly Type[] AnyTypes = [.. Enumerable.Repeat(typeof(MulticastDelegate), 4)];

    [Fact]
    public void Every_member_that_the_client_names_is_found()
    {
        using var file = new PEReader(File.OpenRead(Client.FullyQualifiedName));
        var metadata = file.GetMetadataReader();
        var found = new List<string>();
        foreach (var handle in metadata.MemberReferences)
        {
            try
            {
                if (Client.ResolveMember(MetadataTokens.GetToken(handle), AnyTypes, AnyTypes) is { } member && member.Module.Assembly == typeof(SocketConnection).Assembly)
                {
                    found.Add(member.Name);
                }
            }
            catch (TypeLoadException exception) when (exception.Message.Contains("violates the constraint", StringComparison.Ordinal))
            {
                // A generic type of the client's own, which will not have those types. A member that is missing is another exception.
            }
        }

        Assert.Contains(nameof(SocketConnection.Create), found);
        Assert.True(found.Distinct().Count() >= 40, string.Join(", ", found.Distinct()));
    }

    [Fact]
    public void Every_type_that_the_client_names_is_found_and_there_are_no_others()
    {
        using var file = new PEReader(File.OpenRead(Client.FullyQualifiedName));
        var metadata = file.GetMetadataReader();
        var ours = typeof(SocketConnection).Assembly;
        var named = metadata.TypeReferences.Select(handle => Client.ResolveType(MetadataTokens.GetToken(handle))).Where(type => type.Assembly == ours);

        Assert.Equal(ours.GetExportedTypes().Select(type => type.FullName).Order(), named.Select(type => type.FullName).Order());
    }

    [Fact]
    public void The_assembly_says_what_it_is() =>
        Assert.EndsWith("+standin", typeof(SocketConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion, StringComparison.Ordinal);
}
