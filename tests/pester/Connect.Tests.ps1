# The probe connect at the prompt. Every way to fail and every way to close is in tests/kernel.

BeforeAll { . $PSScriptRoot/common.ps1 }

Describe 'Probe connect' {
    BeforeAll {
        $connecting = New-Tool pst-connecting (Get-Workload connecting)

        # The events of the workload, of its server too; $ports has the ports that it printed.
        function Get-ConnectEvent([string[]] $Argument) {
            @(Get-EventOf -How Start -Parameter @{ Name = 'connect'; ProcessName = 'pst-connecting', 'accepting' } {
                    $printed = & $connecting @Argument
                    $LASTEXITCODE | Should -Be 0 -Because "the workload must do its work: $Argument"
                    Set-Variable -Name ports -Scope Script -Value ([int[]]"$printed".Split(' '))
                })
        }
    }
    BeforeEach { Save-HeldDescriptor }
    AfterEach { Assert-NothingHeld }

    It 'shows both ends of a connection of IPv<Family>, with the bytes' -ForEach @(
        @{ Family = '4'; Address = '127.0.0.1' }
        @{ Family = '6'; Address = '::1' }
    ) {
        $events = @(Get-ConnectEvent pair, $Family, 1000, 2500, client)
        $listening, $client = $ports

        $connect = @($events | Where-Object Action -EQ Connect)
        $connect.Count | Should -Be 1
        $connect[0] | Should -BeOfType EbpfPs.Events.ConnectEvent
        $connect[0].Probe | Should -Be connect
        $connect[0].ProcessName | Should -Be pst-connecting
        $connect[0].LocalAddress | Should -Be $Address
        $connect[0].LocalAddress | Should -BeOfType string
        $connect[0].LocalPort | Should -Be $client
        $connect[0].RemoteAddress | Should -Be $Address
        $connect[0].RemotePort | Should -Be $listening
        $connect[0].ErrorNumber | Should -Be 0
        $connect[0].ErrorName | Should -BeExactly ''
        $connect[0].Duration | Should -BeOfType timespan
        $connect[0].DurationNs | Should -BeGreaterThan 0
        $connect[0].BytesSent | Should -BeNullOrEmpty
        $connect[0].BytesReceived | Should -BeNullOrEmpty

        $accept = @($events | Where-Object Action -EQ Accept)
        $accept.Count | Should -Be 1
        $accept[0].ProcessName | Should -Be accepting
        $accept[0].LocalPort | Should -Be $listening
        $accept[0].RemotePort | Should -Be $client
        $accept[0].Duration | Should -BeNullOrEmpty

        $close = @($events | Where-Object Action -EQ Close)
        $close.Count | Should -Be 2
        $mine = $close | Where-Object LocalPort -EQ $client
        $mine.BytesSent | Should -Be 1000
        $mine.BytesReceived | Should -Be 2500
        $mine.DurationNs | Should -BeGreaterThan 0
        $other = $close | Where-Object LocalPort -EQ $listening
        $other.BytesSent | Should -Be 2500
        $other.BytesReceived | Should -Be 1000
    }

    It 'shows a refused connect with ECONNREFUSED' {
        $events = @(Get-ConnectEvent refused, 4)
        $connect = @($events | Where-Object Action -EQ Connect)
        $connect.Count | Should -Be 1
        $connect[0].ErrorName | Should -Be ECONNREFUSED
        $connect[0].ErrorNumber | Should -Be 111
        $connect[0].RemotePort | Should -Be $ports[0]
        @($events | Where-Object Action -EQ Close) | Should -BeNullOrEmpty
    }

    It 'has the addresses as IPAddress beside the strings' {
        $event = @(Get-ConnectEvent refused, 6)[0]
        $event.RemoteAddress | Should -Be '::1'
        $event.RemoteIPAddress | Should -BeOfType ipaddress
        $event.RemoteIPAddress | Should -Be ([ipaddress]::IPv6Loopback)
        $event.LocalIPAddress | Should -BeOfType ipaddress
    }

    It 'Action compares with names' {
        $events = @(Get-ConnectEvent pair, 4, 1, 1, server)
        @($events | Where-Object { $_.Action -eq 'Close' }).Count | Should -Be 2
        @($events | Sort-Object TimestampNs)[0].Action | Should -Be Connect
    }
}
