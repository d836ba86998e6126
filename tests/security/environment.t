# What whoever starts the programs can get wrong, or a user could try who may start them: closed
# descriptors, an environment that is hostile or enormous, odd limits, an odd working directory
# and mask.  A message goes where it should and is read as it was, or nothing at all is done.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(getcwd);
use MailTest;

# Sanitizers have an environment of their own
need_plain_build();

my $bob = 'bob@example.com';
my $message = "EHLO c\r\nMAIL FROM:<a\@client.example>\r\nRCPT TO:<$bob>\r\nDATA\r\nSubject: hello\r\n\r\nhello\r\n.\r\nQUIT\r\n";
my $login = "USER $bob\r\nPASS secret\r\nRETR 1\r\nQUIT\r\n";
my $here = getcwd();
my @smtp = (program('smtp-stdio') =~ s{^(?!/)}{$here/}r, '-h', 'mail.example.com');
my @pop3 = (program('pop3-stdio') =~ s{^(?!/)}{$here/}r, '-p');
my @store = (program('mailstore') =~ s{^(?!/)}{$here/}r);

sub plain {
	my ($root) = @_;
	my @there = map { contents($_) } messages($root, $bob);
	return !grep { !/\AReturn-Path: <a\@client\.example>\nReceived: from c \([^()\n]*\)\n\tby mail\.example\.com with E?SMTP id [0-9a-f]+\n\tfor <bob\@example\.com>;\n\t[A-Z][a-z][a-z], \d\d? [A-Z][a-z][a-z] \d{4} \d\d:\d\d:\d\d [+-]\d{4}\nSubject: hello\n\nhello\n\z/ } @there;
}

# -- Closed descriptors: what is opened then must not be taken for the client, nor the log be
# written into it.
for my $closed ('0<&-', '1>&-', '2>&-', '0<&- 1>&-', '0<&- 2>&-', '1>&- 2>&-', '0<&- 1>&- 2>&-') {
	for my $more ([], [ '-v' ], [ '-f', 'cat' ], [ '-a', '-p' ]) {
		my $root = new_root([ $bob, 'secret' ]);
		my ($output, $status) = run($message, [ '/bin/sh', '-c', "exec \"\$@\" $closed", 'sh', @smtp, '-d', $root, @$more ]);
		my $may_deliver = $closed eq '2>&-' && "@$more" !~ /-a/;
		is(scalar(messages($root, $bob)), 1, "smtp-stdio @$more $closed: the message is there") if $may_deliver;
		cmp_ok(scalar(messages($root, $bob)), '<=', 1, "smtp-stdio @$more $closed: at most the message is there");
		ok(plain($root), "smtp-stdio @$more $closed: and nothing else in it");
		isnt($status, 'signal 11', "smtp-stdio @$more $closed: $status");
		my @files = grep { -f && !m{/(?:new|passwords)/} } map { glob "'$_'/{*,.[!.]*,*/*,*/*/*}" } "$root/mail", "$root/accounts";
		is(scalar(grep { -s } @files), 0, "smtp-stdio @$more $closed: no log in a file of the store");
	}
	my $root = new_root([ $bob, 'secret' ]);
	deliver($root, $bob, "Subject: hello\n\nhello\n");
	my $before = contents((messages($root, $bob))[0]);
	my ($output, $status) = run($login, [ '/bin/sh', '-c', "exec \"\$@\" $closed", 'sh', @pop3, '-d', $root ]);
	like($output, qr/^hello\r\n\.\r\n/m, "pop3-stdio $closed: the message is read") if $closed eq '2>&-';
	is(contents((messages($root, $bob))[0]), $before, "pop3-stdio $closed: and as it was");
	is(-s "$root/mail/example.com/bob/pop3-lock" || 0, 0, "pop3-stdio $closed: nothing is written into the lock");
	run('', [ '/bin/sh', '-c', "exec \"\$@\" $closed", 'sh', @store, '-d', $root, 'check', '-r' ]);
	run("new\n", [ '/bin/sh', '-c', "exec \"\$@\" $closed", 'sh', @store, '-d', $root, 'passwd', $bob ]);
	like(contents("$root/passwords/example.com/bob"), qr/\ASCRAM-SHA-256\$[^\n]*\n\z/, "mailstore $closed: the verifier is one");
}

# -- The environment
my $evil = new_file('evil');
open my $script, '>', $evil or die "$evil: $!\n";
print $script "#!/bin/sh\necho evil >'$evil.was-here'\n";
close $script;
chmod 0755, $evil;
my %hostile = (
	'libraries' => { LD_PRELOAD => $evil, LD_LIBRARY_PATH => $evil, LD_AUDIT => $evil, LD_DEBUG => 'all', LD_DEBUG_OUTPUT => "$evil.debug", GCONV_PATH => $evil, GETCONF_DIR => $evil, HOSTALIASES => $evil, RESOLV_HOST_CONF => '/etc/shadow' },
	'memory' => { MALLOC_CHECK_ => 3, MALLOC_PERTURB_ => 165, MALLOC_ARENA_MAX => 1, 'GLIBC_TUNABLES' => 'glibc.malloc.mxfast=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=glibc.malloc.mxfast=A' . 'A' x 4000 },
	'language' => { LANG => '../../../etc', LC_ALL => "tr_TR.UTF-8", LC_TIME => 'de_DE', LANGUAGE => '%n%n%n', NLSPATH => "$evil/%N", LOCPATH => $evil, CHARSET => '../' x 100 },
	'time' => { TZ => ":$evil", TZDIR => $evil },
	'time, a device' => { TZ => ':/dev/zero' },
	'time, long' => { TZ => 'A' x 60_000 },
	'time, odd' => { TZ => 'X-99999:99:99Y,M99.99.99' },
	'shells' => { BASH_ENV => $evil, ENV => $evil, IFS => '/', SHELLOPTS => 'xtrace', PS4 => "\$($evil)", PATH => "$evil:.:/nonexistent" },
	'options' => { POSIXLY_CORRECT => 1, POSIX_ME_HARDER => 1, GETOPT_COMPATIBLE => 1, SMTP_STDIO => '-n', MAIL_STDIO_LOG => "\n<0>evil" },
	'who' => { HOME => '/nonexistent', USER => "root\n", LOGNAME => '../..', SUDO_UID => 0, HOSTNAME => "evil\r\nX-Evil: 1", HOST => '(', DOMAIN => '/' },
	'the journal' => { JOURNAL_STREAM => '8:999999999999999999999999', NOTIFY_SOCKET => "$evil.socket", LISTEN_FDS => 1_000_000, LISTEN_PID => $$, LISTEN_FDNAMES => ':' x 1000 },
	'the peer' => { PROTO => 'TCP' x 30_000, TCPREMOTEIP => "192.0.2.1) (evil", REMOTE_ADDR => "\n", TCPREMOTEINFO => "x\r\nX-Evil: 1", TCPREMOTEHOST => '(', REMOTE_HOST => '[::1%evil]', SSL_TLS_SNI_SERVERNAME => "\e[2J" },
	'the mail root' => { MAILROOT => '/nonexistent' },
	'much of it' => { map { ("VARIABLE_$_" => 'x' x 1000) } 1 .. 1500 },
	'nothing of it' => { PATH => undef, TMPDIR => undef },
);
for my $what (sort keys %hostile) {
	my $root = new_root([ $bob, 'secret' ]);
	my ($output, $status, $errors) = with_errors($message, [ @smtp, '-d', $root ], environment => $hostile{$what});
	like($output, qr/^250 2\.0\.0 .*\n221 /m, "$what: a message is taken");
	ok(plain($root), "$what: and is what it should be");
	unlike($errors, qr/[^\x20-\x7e\n]|^(?!smtp-stdio\[\d+\]: (?:start|delivery|session) )/m, "$what: the log too");
	($output, $status) = run($login, [ @pop3, '-d', $root ], environment => $hostile{$what});
	like($output, qr/^hello\r\n\.\r\n\+OK/m, "$what: and it is read");
	is((run('', [ @store, '-d', $root, 'check' ], environment => $hostile{$what}))[1], 0, "$what: mailstore finds nothing wrong");
	is(join(' ', glob "$evil.*"), '', "$what: nothing was run, and nothing written by it");
}

# -- Limits, mask, directory
for my $limit ('ulimit -f 1', 'ulimit -n 4', 'ulimit -n 8', 'ulimit -v 3000', 'ulimit -s 16', 'ulimit -t 1', 'ulimit -c unlimited', 'umask 0', 'umask 777', 'cd /', 'cd /proc/self', "trap '' PIPE TERM CHLD") {
	my $root = new_root([ $bob, 'secret' ]);
	my $big = 'x' x 70 . "\r\n";
	my $large = $message =~ s/hello\r\n\./$big x 100 . '.'/er;
	my ($output, $status) = run($large, [ '/bin/sh', '-c', "$limit; exec \"\$@\"", 'sh', @smtp, '-d', $root ]);
	my $said = $output =~ /^250 2\.0\.0/m ? 1 : 0;
	is(scalar(messages($root, $bob)), $said, "$limit: $said message is there, as was said");
	is(scalar(grep { contents($_) !~ /\nSubject: hello\n\n(?:x+\n)+\z/ || length(contents($_)) < 7100 } messages($root, $bob)), 0, "$limit: and whole");
	is(scalar(grep { (stat)[2] & 0177 } messages($root, $bob)), 0, "$limit: for its owner only");
	is(scalar(() = glob "$root/mail/.incoming/*"), 0, "$limit: and nothing else") unless $status =~ /^signal/;
}

done_testing;
