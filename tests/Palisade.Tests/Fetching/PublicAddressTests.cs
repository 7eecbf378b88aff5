using System.Net;
using Palisade.Banks.Fetching;

namespace Palisade.Tests.Fetching;

public sealed class PublicAddressTests
{
    public static TheoryData<string> Leads => [.. HostileAddresses.Leads];

    [Theory]
    [MemberData(nameof(Leads))]
    public void Reserved_addresses_are_not_public(string address) =>
        Assert.False(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.0.0.0")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2001:200::1")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("2606:2800:21f:cb07:6820:80da:af6b:8b2c")]
    public void Their_neighbours_are_public(string address) =>
        Assert.True(PublicAddress.IsPublic(IPAddress.Parse(address)));
}
