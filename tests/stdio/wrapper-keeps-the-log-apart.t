# Classic inetd gives the connection as descriptor 2, too.  A wrapper would write there in
# clear, between its own records, and what it runs would not know it again: so the wrapper
# gets /dev/null, and MAIL_STDIO_LOG says where the log is instead.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Program;

my $root = new_root([ 'bob@example.com', 'secret' ]);
my $seen = new_file('seen');
my $wrapper = new_file('wrapper');
open my $file, '>', $wrapper or die "$wrapper: $!\n";
print $file <<"END";
#!/bin/sh
# Says what descriptor 2 is, and then grumbles there, as wrappers do.
{
	echo "log=\${MAIL_STDIO_LOG-none}"
	if [ -c /dev/fd/2 ]; then echo device; else echo other; fi
} >$seen
echo 'wrapper: no certificate' >&2
exec "\$@"
END
close $file;
chmod 0755, $wrapper;

my %of = (
	'smtp-stdio' => [ 'STARTTLS', "EHLO x\r\nNONE\r\nSTARTTLS\r\nQUIT\r\n", qr/^(?:[245]\d\d[- ][^\n]*\r\n)*\z/ ],
	'pop3-stdio' => [ 'STLS', "NONE\r\nSTLS\r\nUSER x\r\nQUIT\r\n", qr/^(?:(?:\+OK|-ERR) [^\n]*\r\n)*\z/ ],
);

for my $name (sort keys %of) {
	my ($verb, $talk, $clean) = @{$of{$name}};
	for my $wire ('socket', 'tcp') {
		my $client = Program->start(command => [ '/bin/sh', '-c', 'exec "$@" 2>&1', 'sh', program($name), '-v', '-d', $root,
		    '-T', "$wrapper %" ], wire => $wire);
		my $output = $client->line . "\r\n";
		$client->send("$verb\r\n");
		$output .= $client->line . "\r\n";
		$client->send($talk);
		$output .= $client->rest;
		like($output, $clean, "$name, $wire as descriptor 2: replies come, and nothing else") or diag $output;
		is($client->status, 0, "$name, $wire as descriptor 2: a good end");
		is(contents($seen), "log=syslog\ndevice\n", "$name, $wire as descriptor 2: the wrapper's is /dev/null, and the log is syslog's");
	}

	my $log = new_file('log');
	my $client = start($name, $root, [ '-v', '-T', "$wrapper %" ], wire => 'tcp', errors => $log);
	$client->line;
	$client->send("$verb\r\n");
	$client->line;
	$client->send($talk);
	$client->rest;
	is($client->status, 0, "$name, a file as descriptor 2: a good end");
	is(contents($seen), "log=none\nother\n", "$name, a file as descriptor 2: the wrapper has it as it was");
	like(contents($log), qr/ session .*wrapper: no certificate.* session /s, "$name, a file as descriptor 2: all are in it");

	# The variable sends the log to syslog, whatever descriptor 2 is.
	my (undef, $status, $errors) = with_errors("QUIT\r\n", [ program($name), '-v', '-d', $root ], environment => { MAIL_STDIO_LOG => 'syslog' });
	is($status, 0, "$name, MAIL_STDIO_LOG=syslog: a good end");
	is($errors, '', "$name, MAIL_STDIO_LOG=syslog: descriptor 2 is left alone");
	(undef, $status, $errors) = with_errors("QUIT\r\n", [ program($name), '-v', '-d', $root ], environment => { MAIL_STDIO_LOG => '' });
	like($errors, qr/ session /, "$name, an empty MAIL_STDIO_LOG: it is not");

	# Behind a wrapper that was run by inetd, descriptor 2 may be the client's socket though 0
	# and 1 are pipes: what comes out there would be in clear.
	for my $wire ('tcp', 'tcp6') {
		my ($ours, undef, undef, $theirs) = eval { Program::connect_by($wire) };
		SKIP: {
			skip('needs IPv6 on the loopback interface', 2) unless $theirs;
			my $number = fileno $theirs;
			fcntl $theirs, Fcntl::F_SETFD(), 0;
			my ($output, $status) = run($of{$name}[1], [ '/bin/sh', '-c', "exec \"\$@\" 2>&$number $number>&-", 'sh', program($name), '-v', '-s', '-d', $root ]);
			close $theirs;
			is($status, 0, "$name -s, $wire as descriptor 2: a good end");
			my $leaked = '';
			fcntl $ours, Fcntl::F_SETFL(), 0;
			sysread $ours, $leaked, 1000;
			is($leaked, '', "$name -s, $wire as descriptor 2: nothing is written to it");
		}
	}
}
done_testing;
